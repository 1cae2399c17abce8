using System.Globalization;

namespace SeaGrpc.Bench;

/// <summary>This process's memory as Linux counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>What it holds now, in bytes.</summary>
    public static long Resident => Read("VmRSS:");

    /// <summary>Its peak, in bytes.</summary>
    public static long Peak => Read("VmHWM:");

    /// <summary>Resets the peak: <see cref="Peak"/> counts from here on. Does nothing if the system does not allow it.</summary>
    public static void ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The peak then includes what came before: an upper bound.
        }
    }

    private static long Read(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(
            line[name.Length..].Replace("kB", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
