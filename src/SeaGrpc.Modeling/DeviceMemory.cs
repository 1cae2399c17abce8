using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Memory of a device: that of a GPU, or on the CPU the memory that this process may use.</summary>
public static class DeviceMemory
{
    private const string GpuName = "cuda:";

    /// <summary>The memory in bytes.</summary>
    /// <param name="device">The device. If a GPU does not report its memory, the host's is returned.</param>
    public static long Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type == TorchSharp.DeviceType.CUDA && OfGpu(Math.Max(0, device.index)) is { } bytes ? bytes : HostMemory.LimitBytes;
    }

    /// <summary>
    /// How much of a device's memory is taken, and how much there is, in bytes. Of a GPU it is what all processes take together; of the
    /// CPU, this process' resident memory and what it may use. Null if a GPU's driver does not say.
    /// </summary>
    /// <param name="device"><c>cpu</c> or <c>cuda:N</c>.</param>
    public static (long Used, long Total)? Of(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return !device.StartsWith(GpuName, StringComparison.Ordinal)
            ? (Environment.WorkingSet, HostMemory.LimitBytes)
            : int.TryParse(device.AsSpan(GpuName.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)
            ? UsageOfGpu(ordinal)
            : null;
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

    /// <summary>Asks in the context that libtorch uses, too, and leaves the thread's own as it was.</summary>
    private static (long Used, long Total)? UsageOfGpu(int ordinal)
    {
        try
        {
            if (cuInit(0) != 0 || cuDeviceGet(out int device, ordinal) != 0 || cuDevicePrimaryCtxRetain(out nint context, device) != 0)
            {
                return null;
            }

            try
            {
                if (cuCtxPushCurrent_v2(context) != 0)
                {
                    return null;
                }

                int asked = cuMemGetInfo_v2(out nuint free, out nuint total);
                _ = cuCtxPopCurrent_v2(out _);
                return asked == 0 ? ((long)(total - free), (long)total) : null;
            }
            finally
            {
                _ = cuDevicePrimaryCtxRelease_v2(device);
            }
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
    private static extern int cuDevicePrimaryCtxRetain(out nint context, int device);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuDevicePrimaryCtxRelease_v2(int device);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuCtxPushCurrent_v2(nint context);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuCtxPopCurrent_v2(out nint context);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuMemGetInfo_v2(out nuint free, out nuint total);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuDeviceGet(out int device, int ordinal);

    [DllImport("libcuda.so.1", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int cuDeviceTotalMem_v2(out nuint bytes, int device);
}
