using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>The number format that a model is served in.</summary>
/// <param name="Dtype">Float32 or BFloat16.</param>
/// <param name="Speeds">The measurement that decided the choice; null if nothing was measured.</param>
internal sealed record DtypeChoice(ScalarType Dtype, ProductSpeeds? Speeds = null)
{
    /// <summary>Chooses the format.</summary>
    /// <param name="asked">The operator's setting.</param>
    /// <param name="device">The model's device.</param>
    /// <param name="named">torch_dtype of config.json, which decides on CUDA.</param>
    /// <param name="stored">The safetensors type of most weights, which decides on the CPU.</param>
    /// <param name="weights">Number of stored weights.</param>
    /// <param name="measure">Returns the CPU's speeds. Called only if they decide.</param>
    public static DtypeChoice Of(
        ModelDtype asked, DeviceType device, string? named, string stored, long weights, Func<ProductSpeeds> measure)
    {
        if (asked != ModelDtype.Auto)
        {
            return new DtypeChoice(ScalarOf(asked));
        }

        if (device == DeviceType.CUDA)
        {
            return new DtypeChoice(named is "bfloat16" or "float16" ? ScalarType.BFloat16 : ScalarType.Float32);
        }

        if (stored is not ("BF16" or "F16") || weights < ComputeThreads.ManyWeights)
        {
            return new DtypeChoice(ScalarType.Float32);
        }

        ProductSpeeds speeds = measure();
        return new DtypeChoice(ScalarOf(speeds.Faster), speeds);
    }

    private static ScalarType ScalarOf(ModelDtype dtype) => dtype == ModelDtype.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
}
