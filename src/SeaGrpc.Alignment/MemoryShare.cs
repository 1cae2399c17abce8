using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment;

/// <summary>
/// Memory for all alignments together if the operator does not set it: a fraction of the device's memory, minus what the models hold.
/// </summary>
public static class MemoryShare
{
    /// <summary>Percentage of the device's memory. The rest is for the program, libraries, and what estimates miss.</summary>
    public const int Percent = 75;

    /// <summary>At least one Nth of the device's memory, however much the models hold.</summary>
    private const int LeastPart = 20;

    /// <summary>Memory left for alignments, in bytes.</summary>
    /// <param name="models">The loaded models.</param>
    public static long Of(AlignmentModels models)
    {
        ArgumentNullException.ThrowIfNull(models);
        string device = models.Policy.Device.ToString();
        IEnumerable<TransformerDecoder> policy = models.Policy.IsLoaded ? [models.Policy.Decoder] : [];
        TransformerDecoder[] decoders = [.. policy, .. models.Rewards.SelectMany(reward => reward.Decoders)];
        long held = decoders.Distinct().Where(decoder => decoder.Device.ToString() == device).SelectMany(decoder => decoder.Leaves())
            .Distinct<Tensor>(ReferenceEqualityComparer.Instance)
            .Sum(leaf => leaf.NumberOfElements * leaf.ElementSize);
        return Of(DeviceMemory.Of(models.Policy.Device), held);
    }

    /// <summary>Memory left for alignments, in bytes.</summary>
    /// <param name="deviceBytes">The device's memory.</param>
    /// <param name="heldBytes">The part of it that the models hold.</param>
    public static long Of(long deviceBytes, long heldBytes) => Math.Max((deviceBytes / 100 * Percent) - heldBytes, deviceBytes / LeastPart);
}
