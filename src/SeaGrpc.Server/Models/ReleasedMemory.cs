using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Models;

/// <summary>Gives memory back to the system that unloaded models have left in the C library's heap.</summary>
internal static partial class ReleasedMemory
{
    /// <summary>Gives back what it can. Other C libraries than glibc do so by themselves or not at all.</summary>
    public static void Return()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keptBytes);
}
