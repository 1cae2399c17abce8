using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Random initial weights, for training and for tests.</summary>
public static class TransformerInitialization
{
    /// <summary>A source of normally distributed weights; norm weights are 1. fp32 on the CPU.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="deviation">Standard deviation of every matrix.</param>
    public static WeightSource Normal(ulong seed, double deviation = 0.02)
    {
        var generator = SeededGenerator.Of(seed);
        return WeightSources.OneByOne((_, shape) => shape.Length == 1
            ? ones(shape)
            : randn(shape, generator: generator).MultiplyInPlace(deviation));
    }
}
