using TorchSharp;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The element types of the safetensors format, and the three that weights can be read from.</summary>
internal static class SafetensorsDtype
{
    private static readonly Dictionary<string, int> Bits = new(StringComparer.Ordinal)
    {
        ["F4"] = 4,
        ["F6_E2M3"] = 6,
        ["F6_E3M2"] = 6,
        ["BOOL"] = 8,
        ["U8"] = 8,
        ["I8"] = 8,
        ["F8_E4M3"] = 8,
        ["F8_E5M2"] = 8,
        ["F8_E8M0"] = 8,
        ["U16"] = 16,
        ["I16"] = 16,
        ["F16"] = 16,
        ["BF16"] = 16,
        ["U32"] = 32,
        ["I32"] = 32,
        ["F32"] = 32,
        ["U64"] = 64,
        ["I64"] = 64,
        ["F64"] = 64,
        ["C64"] = 64,
    };

    /// <summary>Bits per element, for every type of the format.</summary>
    internal static bool TryGetBits(string dtype, out int bits) => Bits.TryGetValue(dtype, out bits);

    /// <summary>The tensor type of a readable element type.</summary>
    internal static torch.ScalarType? ToScalarType(string dtype) => dtype switch
    {
        "F32" => torch.ScalarType.Float32,
        "F16" => torch.ScalarType.Float16,
        "BF16" => torch.ScalarType.BFloat16,
        _ => null,
    };

    /// <summary>The format's name of a writable tensor type.</summary>
    internal static string? FromScalarType(torch.ScalarType dtype) => dtype switch
    {
        torch.ScalarType.Float32 => "F32",
        torch.ScalarType.Float16 => "F16",
        torch.ScalarType.BFloat16 => "BF16",
        _ => null,
    };
}
