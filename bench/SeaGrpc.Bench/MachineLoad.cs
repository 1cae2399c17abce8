using System.Globalization;

namespace SeaGrpc.Bench;

/// <summary>How busy the machine is.</summary>
internal static class MachineLoad
{
    private const string File = "/proc/loadavg";

    /// <summary>Processes that run or wait to, averaged over the last minute; NaN if the system does not tell.</summary>
    public static double Now => global::System.IO.File.Exists(File)
        ? double.Parse(global::System.IO.File.ReadAllText(File).Split(' ')[0], CultureInfo.InvariantCulture)
        : double.NaN;
}
