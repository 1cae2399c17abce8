namespace SeaGrpc.Cli.Output;

/// <summary>Whether the output may be redrawn and coloured.</summary>
internal static class TerminalSettings
{
    /// <summary>Standard output: true on a terminal, unless NO_COLOR is set or TERM is dumb.</summary>
    public static bool IsRich => !Console.IsOutputRedirected && AllowsCodes;

    /// <summary>The same of standard error.</summary>
    public static bool IsErrorRich => !Console.IsErrorRedirected && AllowsCodes;

    private static bool AllowsCodes =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";
}
