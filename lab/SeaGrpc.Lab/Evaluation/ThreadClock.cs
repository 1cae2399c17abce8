using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>The processor time of the calling thread, or wall time if the system does not report it.</summary>
/// <remarks>With one tensor thread per worker this is what a run computes, whatever else the machine does.</remarks>
internal static class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    /// <summary>What the seconds are, for reports.</summary>
    public static string Unit => OperatingSystem.IsLinux() ? "processor seconds of one thread" : "seconds of one thread";

    /// <summary>Time from an arbitrary start; compare readings of one thread only.</summary>
    public static TimeSpan Now =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess && ClockGetTime(ThreadProcessorTime, out UnixTime time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : Stopwatch.GetElapsedTime(0);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out UnixTime time);

    [StructLayout(LayoutKind.Sequential)]
    private struct UnixTime
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
