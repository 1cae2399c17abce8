namespace SeaGrpc.Cli;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCodes
{
    /// <summary>There is an answer, or its reader has gone away.</summary>
    public const int Success = 0;

    /// <summary>The server refused, failed or was not reached.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted before there was a result.</summary>
    public const int Interrupted = 130;
}
