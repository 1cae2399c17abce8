using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>Whether the output may be redrawn and coloured.</summary>
internal static class TerminalSettings
{
    /// <summary>Standard output: true on a terminal, unless NO_COLOR is set or TERM is dumb.</summary>
    public static bool IsRich =>
        !Console.IsOutputRedirected && !IsWithoutColors && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private static bool IsWithoutColors => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>
    /// Standard error for progress: null unless it is a terminal; without colours if NO_COLOR is set. A terminal that cannot be redrawn has
    /// a line now and then.
    /// </summary>
    public static IAnsiConsole? OpenError() => Console.IsErrorRedirected
        ? null
        : AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            ColorSystem = IsWithoutColors ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
}
