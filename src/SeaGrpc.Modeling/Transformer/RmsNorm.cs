using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Root-mean-square layer normalisation, computed in fp32 like LlamaRMSNorm and Gemma2RMSNorm in transformers.</summary>
internal static class RmsNorm
{
    /// <summary>
    /// x / sqrt(mean(x^2) + epsilon) * weight, over the last dimension. The factor is 1 + weight, in fp32, if the configuration says so.
    /// </summary>
    /// <param name="input">[..., hidden].</param>
    /// <param name="weight">[hidden].</param>
    /// <param name="config">Contains the epsilon, and whether 1 is added to the weight.</param>
    public static Tensor Apply(Tensor input, Tensor weight, TransformerConfig config)
    {
        Tensor wide = input.dtype == ScalarType.Float32 ? input : input.to(ScalarType.Float32);
        Tensor normalised = wide * wide.Squared().mean([-1], keepdim: true).Plus(config.RmsNormEpsilon).rsqrt();
        if (config.NormUnitOffset)
        {
            Tensor scaled = normalised * weight.to(ScalarType.Float32).Plus(1);
            return scaled.dtype == input.dtype ? scaled : scaled.to(input.dtype);
        }

        return (normalised.dtype == input.dtype ? normalised : normalised.to(input.dtype)) * weight;
    }
}
