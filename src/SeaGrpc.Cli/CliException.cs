namespace SeaGrpc.Cli;

/// <summary>An error that is shown to the user as its message alone, without a stack trace.</summary>
internal sealed class CliException(string message, int exitCode, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
