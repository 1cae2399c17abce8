using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Memory of a device: that of a GPU, or on the CPU the memory that this process may use.</summary>
public static class DeviceMemory
{
    /// <summary>The memory in bytes.</summary>
    /// <param name="device">The device. If a GPU does not report its memory, the host's is returned.</param>
    public static long Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type == TorchSharp.DeviceType.CUDA && OfGpu(Math.Max(0, device.index)) is { } bytes ? bytes : HostMemory.LimitBytes;
    }

    /// <summary>Whether the driver of a GPU says that there is one. Loads no libtorch.</summary>
    public static bool HasGpu => OfGpu(0) is not null;

    /// <summary>Asks the driver, whose library has the same name for every CUDA version of libtorch.</summary>
    private static long? OfGpu(int ordinal)
    {
        try
        {
            return cuInit(0) == 0 && cuDeviceGet(out int device, ordinal) == 0 && cuDeviceTotalMem_v2(out nuint bytes, device) == 0
                ? (long)bytes
                : null;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuInit(uint flags);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuDeviceGet(out int device, int ordinal);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuDeviceTotalMem_v2(out nuint bytes, int device);
}
