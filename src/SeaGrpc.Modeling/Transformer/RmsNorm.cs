using TorchSharp;
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
        // Scalars are named: one made by an implicit conversion may be finalised while the native call reads it.
        using Scalar two = 2.ToScalar();
        using Scalar added = epsilon.ToScalar();
        Tensor normalised = wide * wide.pow(two).mean([-1], keepdim: true).add(added).rsqrt();
        return (normalised.dtype == input.dtype ? normalised : normalised.to(input.dtype)) * weight;
    }
}
