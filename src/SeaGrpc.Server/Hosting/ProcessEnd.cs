using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Hosting;

/// <summary>Ends the process without the exit handlers of libraries, which crash or wait if a thread is still in native code.</summary>
internal static partial class ProcessEnd
{
    /// <summary>Ends the process. Never returns.</summary>
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
