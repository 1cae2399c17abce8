using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Hosting;

/// <summary>Ends the process without what libraries do at its end, which crashes or waits where a thread is still in native code.</summary>
internal static partial class ProcessEnd
{
    /// <summary>Ends it; never returns.</summary>
    public static void Now(int exitCode)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(exitCode);
        }

        Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Exit(int exitCode);
}
