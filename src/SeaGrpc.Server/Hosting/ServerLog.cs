namespace SeaGrpc.Server.Hosting;

/// <summary>What the server logs.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(101, LogLevel.Information, "{Description}")]
    public static partial void Ready(this ILogger logger, string description);

    [LoggerMessage(102, LogLevel.Error, "Call {Method} failed unexpectedly.")]
    public static partial void CallFailed(this ILogger logger, Exception failure, string method);

    [LoggerMessage(103, LogLevel.Warning, "Alignment {Id}: its reader took no message for {Timeout}; the run is cancelled.")]
    public static partial void ReaderStalled(this ILogger logger, string id, TimeSpan timeout);
}
