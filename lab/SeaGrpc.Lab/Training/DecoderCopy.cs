using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Copies decoders, so that one training can start where another ended.</summary>
public static class DecoderCopy
{
    /// <summary>A decoder with weights of its own, equal to another's.</summary>
    /// <param name="source">The decoder; not modified.</param>
    /// <param name="withOutput">Whether the copy has an output projection; the source must have one then.</param>
    public static TransformerDecoder Of(TransformerDecoder source, bool withOutput)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var noGrad = no_grad();
        var weights = source.NamedWeights().ToDictionary(weight => weight.Name, weight => weight.Value);
        return new TransformerDecoder(source.Config, WeightSources.OneByOne((name, _) => weights[name].clone()), withOutput);
    }
}
