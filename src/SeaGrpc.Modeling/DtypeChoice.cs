using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>The number format that a model is served in.</summary>
/// <param name="Dtype">Float32 or BFloat16.</param>
/// <param name="Speeds">What it was chosen by, where it was measured; null if something else decided.</param>
internal sealed record DtypeChoice(ScalarType Dtype, ProductSpeeds? Speeds = null)
{
    /// <summary>Chooses it.</summary>
    /// <param name="asked">The operator's word.</param>
    /// <param name="device">Where the model runs.</param>
    /// <param name="named">torch_dtype of config.json: what counts on CUDA.</param>
    /// <param name="stored">What most weights are stored in, as safetensors names it: what counts on the CPU.</param>
    /// <param name="weights">How many weights are stored.</param>
    /// <param name="measure">The CPU's speeds; asked for only where they decide.</param>
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
