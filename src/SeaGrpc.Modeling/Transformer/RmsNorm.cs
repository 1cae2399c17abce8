using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Root-mean-square layer normalisation, computed in fp32 as transformers' LlamaRMSNorm does.</summary>
internal static class RmsNorm
{
    /// <summary>x / sqrt(mean(x^2) + epsilon) * weight, over the last dimension.</summary>
    /// <param name="input">[..., hidden].</param>
    /// <param name="weight">[hidden].</param>
    /// <param name="epsilon">Added under the root.</param>
    public static Tensor Apply(Tensor input, Tensor weight, double epsilon)
    {
        Tensor wide = input.dtype == ScalarType.Float32 ? input : input.to(ScalarType.Float32);
        Tensor normalised = wide * wide.Squared().mean([-1], keepdim: true).Plus(epsilon).rsqrt();
        return (normalised.dtype == input.dtype ? normalised : normalised.to(input.dtype)) * weight;
    }
}
