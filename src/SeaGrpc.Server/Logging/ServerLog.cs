using Grpc.Core;

namespace SeaGrpc.Server.Logging;

/// <summary>The server's log messages.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(101, LogLevel.Information, "{Description}")]
    public static partial void Ready(this ILogger logger, string description);

    [LoggerMessage(108, LogLevel.Information, "Loading {Folder}: {Size} of weights.")]
    public static partial void Loading(this ILogger logger, string folder, string size);

    [LoggerMessage(109, LogLevel.Information, "Loading {Folder}: {Percent} % of {Size} read.")]
    public static partial void LoadingContinues(this ILogger logger, string folder, long percent, string size);

    [LoggerMessage(110, LogLevel.Information, "Loaded; warming up with one short alignment.")]
    public static partial void WarmingUp(this ILogger logger);

    [LoggerMessage(102, LogLevel.Error, "Call {Method} failed unexpectedly.")]
    public static partial void CallFailed(this ILogger logger, Exception failure, string method);

    [LoggerMessage(103, LogLevel.Warning, "Alignment {Id}: its caller read no message for {Timeout}; the run is cancelled.")]
    public static partial void ReaderStalled(this ILogger logger, string id, TimeSpan timeout);

    [LoggerMessage(
        104, LogLevel.Information,
        "Call {Call} {Code} {Reason} {Milliseconds:0.0} ms, {Messages} messages to {Peer}; method {Method}, alignment {AlignmentId}, "
            + "request {RequestId}, queued {QueueMilliseconds:0.0} ms, {Iterations} iterations, {StopReason}, caller {Caller}; "
            + "trace {TraceId}, span {SpanId}")]
    public static partial void Called(
        this ILogger logger, string call, StatusCode code, string reason, double milliseconds, int messages, string peer,
        string method, string alignmentId, string requestId, double queueMilliseconds, int iterations, string stopReason,
        string caller, string traceId, string spanId);

    [LoggerMessage(
        105, LogLevel.Error,
        "Calls are refused: the token file {File} cannot be read. {Cause} "
            + "Restore it, or set another one: SeaGrpc:Security:AuthTokenFile.")]
    public static partial void TokenUnreadable(this ILogger logger, string file, string cause);

    [LoggerMessage(111, LogLevel.Information, "The reward {Name} at {Address} answers; it gives a sample {Score}.")]
    public static partial void RewardAnswers(this ILogger logger, string name, string address, double score);

    [LoggerMessage(112, LogLevel.Warning, "{Failure} Waiting for it, {Patience} at most.")]
    public static partial void RewardAwaited(this ILogger logger, string failure, TimeSpan patience);

    [LoggerMessage(113, LogLevel.Error, "The reward {Name} at {Address} is not asked until it answers a sample again: {Failure}")]
    public static partial void RewardLeftAlone(this ILogger logger, string name, string address, string failure);

    [LoggerMessage(114, LogLevel.Information, "The reward {Name} at {Address} answers again.")]
    public static partial void RewardAnswersAgain(this ILogger logger, string name, string address);

    [LoggerMessage(115, LogLevel.Information, "The policy's engine at {Address} ({Kind}) answers; it serves {Model}.")]
    public static partial void EngineAnswers(this ILogger logger, string kind, string address, string model);

    [LoggerMessage(116, LogLevel.Warning, "{Failure} Waiting for it, {Patience} at most.")]
    public static partial void EngineAwaited(this ILogger logger, string failure, TimeSpan patience);

    [LoggerMessage(117, LogLevel.Error, "The policy's engine at {Address} is not asked until it passes its check again: {Failure}")]
    public static partial void EngineLeftAlone(this ILogger logger, string address, string failure);

    [LoggerMessage(118, LogLevel.Information, "The policy's engine at {Address} answers again.")]
    public static partial void EngineAnswersAgain(this ILogger logger, string address);

    [LoggerMessage(120, LogLevel.Information, "The model {Name} is loaded; its weights take {MiB} MiB.")]
    public static partial void PairLoaded(this ILogger logger, string name, long miB);

    [LoggerMessage(121, LogLevel.Information, "The model {Name} is unloaded, since {Other} needs its memory.")]
    public static partial void PairUnloaded(this ILogger logger, string name, string other);

    [LoggerMessage(122, LogLevel.Error, "The model {Name} could not be loaded; it is tried again in {Pause} at the earliest. {Problem}")]
    public static partial void PairFailed(this ILogger logger, string name, string problem, TimeSpan pause);

    [LoggerMessage(123, LogLevel.Information, "The model {Name} is loaded again: {Reason}.")]
    public static partial void Reloading(this ILogger logger, string name, string reason);

    [LoggerMessage(
        124, LogLevel.Warning,
        "The model {Name} does not fit into memory twice: its calls end first, and new ones wait until it is loaded again.")]
    public static partial void ReloadDrains(this ILogger logger, string name);

    [LoggerMessage(125, LogLevel.Information, "The model {Name}: new calls get its new models, whose policy has the SHA-256 {Hash}.")]
    public static partial void Reloaded(this ILogger logger, string name, string hash);

    [LoggerMessage(126, LogLevel.Information, "The model {Name}: its old models are freed.")]
    public static partial void OldModelsFreed(this ILogger logger, string name);

    [LoggerMessage(127, LogLevel.Error, "The model {Name} could not be loaded again; the models that it had are used. {Problem}")]
    public static partial void ReloadFailed(this ILogger logger, string name, string problem);

    [LoggerMessage(128, LogLevel.Warning, "{Problem}")]
    public static partial void PairDoesNotFit(this ILogger logger, string problem);

    [LoggerMessage(130, LogLevel.Information, "TLS: the certificate is {Certificate}.")]
    public static partial void TlsReady(this ILogger logger, string certificate);

    [LoggerMessage(131, LogLevel.Information, "TLS: new connections get the changed certificate {Certificate}. Open ones go on.")]
    public static partial void TlsChanged(this ILogger logger, string certificate);

    [LoggerMessage(132, LogLevel.Error, "TLS: changed files are not used, what they contained before is. {Problem}")]
    public static partial void TlsRefused(this ILogger logger, string problem);

    [LoggerMessage(133, LogLevel.Warning, "TLS: a certificate is about to expire: {Certificate}.")]
    public static partial void TlsExpires(this ILogger logger, string certificate);

    [LoggerMessage(134, LogLevel.Information, "Callers: {File} names {Count}: {Names}.")]
    public static partial void CallersRead(this ILogger logger, string file, int count, string names);

    [LoggerMessage(135, LogLevel.Error, "Callers: the changed file is not used, what it contained before is. {Problem}")]
    public static partial void CallersRefused(this ILogger logger, string problem);
}
