namespace SeaGrpc.Cli.Output;

/// <summary>Whether the output may be redrawn and coloured.</summary>
internal static class TerminalSettings
{
    /// <summary>True on a terminal, unless NO_COLOR is set or TERM is dumb.</summary>
    public static bool IsRich =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
