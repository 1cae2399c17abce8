using System.Globalization;

namespace SeaGrpc.Cli.Bench;

/// <summary>This process's memory as Linux counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>What it holds now, in bytes.</summary>
    public static long Resident => Read("VmRSS:");

    /// <summary>The most that it has held, in bytes.</summary>
    public static long Peak => Read("VmHWM:");

    private static long Read(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
