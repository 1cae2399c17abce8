namespace SeaGrpc.Cli;

/// <summary>An error that is told to the user in its own words, without a stack trace.</summary>
internal sealed class CliException(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
