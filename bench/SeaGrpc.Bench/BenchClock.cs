using System.Diagnostics;

namespace SeaGrpc.Bench;

/// <summary>What time a benchmark takes.</summary>
internal enum BenchClock
{
    /// <summary>That on the wall: what a user waits.</summary>
    Wall,

    /// <summary>
    /// The process's own seconds on all cores: with one thread the time that it would take alone, whatever else runs on the machine.
    /// </summary>
    Cpu,
}

/// <summary>Reads it.</summary>
internal static class BenchClocks
{
    /// <summary>The clock's reading.</summary>
    public static Func<TimeSpan> Reading(this BenchClock clock) => clock == BenchClock.Cpu
        ? () => Environment.CpuUsage.TotalTime
        : () => Stopwatch.GetElapsedTime(0);
}
