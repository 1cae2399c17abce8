using Grpc.AspNetCore.Server;
using Grpc.Core;
using SeaGrpc.Server.Telemetry;

namespace SeaGrpc.Server.Logging;

/// <summary>
/// Logs and counts calls that end before their message is read, and thus before any interceptor: damaged, truncated, too long or abandoned.
/// </summary>
internal sealed class UnreadCallLog(ILogger<RequestLogInterceptor> logger, CallMetrics metrics, TimeProvider time)
{
    private static readonly object Read = new();

    /// <summary>Marks that the call's message has been read, so that the interceptor logs the call.</summary>
    public static void MarkRead(ServerCallContext call) => call.GetHttpContext().Items[Read] = true;

    /// <summary>The current timestamp, for <see cref="Log"/>.</summary>
    public long Start() => time.GetTimestamp();

    /// <summary>Logs a call that has ended, unless its message was read.</summary>
    public void Log(HttpContext context, string method, long start)
    {
        if (context.Items.ContainsKey(Read) || context.Features.Get<IServerCallContextFeature>()?.ServerCallContext is not { } call)
        {
            return;
        }

        var record = new CallRecord(new object());
        string? reason = call.ResponseTrailers.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason;
        TimeSpan duration = time.GetElapsedTime(start);
        metrics.Record(method, null, call.Status.StatusCode, reason, duration);
        logger.Called(
            method, call.Status.StatusCode, reason ?? CallRecord.None, duration.TotalMilliseconds, record.Messages,
            CallerText.Shown(call.Peer),
            record.Method, record.AlignmentId, record.RequestId, record.QueueMilliseconds, record.Iterations, record.StopReason,
            record.Caller, CallRecord.TraceId, CallRecord.SpanId);
    }
}
