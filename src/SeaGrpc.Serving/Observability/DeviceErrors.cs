using System.Runtime.InteropServices;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Serving.Observability;

/// <summary>Distinguishes a failed request from a failed device. Torch reports both as an exception with only a text.</summary>
internal static class DeviceErrors
{
    private static readonly string[] Memory = ["out of memory", "can't allocate memory", "not enough memory", "bad_alloc"];
    private static readonly string[] Lost = ["CUDA error:", "device-side assert", "no longer usable"];

    /// <summary>
    /// Returns a <see cref="DeviceMemoryException"/> or <see cref="DeviceLostException"/> for such a failure, otherwise the exception
    /// itself.
    /// </summary>
    public static Exception Translate(Exception thrown)
    {
        if (thrown is OutOfMemoryException)
        {
            return new DeviceMemoryException(thrown);
        }

        if (thrown is not ExternalException)
        {
            return thrown;
        }

        return Says(thrown, Memory) ? new DeviceMemoryException(thrown)
            : Says(thrown, Lost) ? new DeviceLostException(thrown)
            : thrown;
    }

    private static bool Says(Exception thrown, string[] words) =>
        words.Any(word => thrown.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
