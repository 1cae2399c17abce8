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
        return Of(DeviceMemory.Of(models.Policy.Device), Held(models, decoder => decoder.Device.ToString() == device));
    }

    /// <summary>Memory that the weights of loaded models hold, on all devices, in bytes.</summary>
    /// <param name="models">The loaded models.</param>
    public static long HeldBy(AlignmentModels models)
    {
        ArgumentNullException.ThrowIfNull(models);
        return Held(models, _ => true);
    }

    /// <summary>
    /// Memory left for the alignments of one of several pairs of models, in bytes: an equal part of what is left beside the weights of all
    /// that may be loaded.
    /// </summary>
    /// <param name="deviceBytes">The device's memory.</param>
    /// <param name="weightBytes">Memory for the weights of all pairs.</param>
    /// <param name="pairs">Number of pairs; at least 1.</param>
    public static long OfEach(long deviceBytes, long weightBytes, int pairs) => Of(deviceBytes, weightBytes) / pairs;

    /// <summary>Memory left for alignments, in bytes.</summary>
    /// <param name="deviceBytes">The device's memory.</param>
    /// <param name="heldBytes">The part of it that the models hold.</param>
    public static long Of(long deviceBytes, long heldBytes) => Math.Max((deviceBytes / 100 * Percent) - heldBytes, deviceBytes / LeastPart);

    private static long Held(AlignmentModels models, Func<TransformerDecoder, bool> counts)
    {
        TransformerDecoder[] decoders = [.. models.Reference.Decoders, .. models.Rewards.SelectMany(reward => reward.Decoders)];
        return decoders.Distinct().Where(counts).SelectMany(decoder => decoder.Leaves())
            .Distinct<Tensor>(ReferenceEqualityComparer.Instance)
            .Sum(leaf => leaf.NumberOfElements * leaf.ElementSize);
    }
}
