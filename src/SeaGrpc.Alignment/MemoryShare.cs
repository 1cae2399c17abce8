using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment;

/// <summary>
/// The memory that alignments may have together where the operator does not say: a share of the device's, less what the models hold.
/// </summary>
public static class MemoryShare
{
    /// <summary>The share of the device's memory, in percent. The rest is the program's, the libraries' and what estimates miss.</summary>
    public const int Percent = 75;

    /// <summary>At least this fraction (one in N) of the device's memory, however much the models hold.</summary>
    private const int LeastPart = 20;

    /// <summary>What is left for alignments, in bytes.</summary>
    /// <param name="models">The models that are loaded.</param>
    public static long Of(AlignmentModels models)
    {
        ArgumentNullException.ThrowIfNull(models);
        string device = models.Policy.Decoder.Device.ToString();
        TransformerDecoder[] decoders = [models.Policy.Decoder, .. models.Rewards.SelectMany(reward => reward.Decoders)];
        long held = decoders.Distinct().Where(decoder => decoder.Device.ToString() == device).SelectMany(decoder => decoder.Leaves())
            .Sum(leaf => leaf.NumberOfElements * leaf.ElementSize);
        return Of(DeviceMemory.Of(models.Policy.Decoder.Device), held);
    }

    /// <summary>What is left for alignments, in bytes.</summary>
    /// <param name="deviceBytes">The device's memory.</param>
    /// <param name="heldBytes">What the models hold of it.</param>
    public static long Of(long deviceBytes, long heldBytes) => Math.Max((deviceBytes / 100 * Percent) - heldBytes, deviceBytes / LeastPart);
}
