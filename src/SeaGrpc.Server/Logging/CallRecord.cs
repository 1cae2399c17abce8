using Grpc.Core;
using SeaGrpc.Server.Contract;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Logging;

/// <summary>What the request log records of one call. It contains no prompts and no responses.</summary>
internal sealed class CallRecord(object request)
{
    private const string None = "-";
    private AlignmentStarted? _started;
    private AlignmentFinal? _final;
    private TimeSpan? _waited;

    /// <summary>Number of messages sent.</summary>
    public int Messages { get; private set; }

    /// <summary>The alignment's id.</summary>
    public string AlignmentId => _started?.AlignmentId ?? None;

    /// <summary>The caller's request id. If it is not valid, the part that fits into a log line.</summary>
    public string RequestId => CallerText.Shown(request switch
    {
        AlignRequest { Spec.HasRequestId: true } align => align.Spec.RequestId,
        StreamAlignRequest { Spec.HasRequestId: true } stream => stream.Spec.RequestId,
        CancelAlignmentRequest { RequestId.Length: > 0 } cancel => cancel.RequestId,
        _ => None,
    });

    /// <summary>The method: sea, best_of_n and so on.</summary>
    public string Method => request switch
    {
        AlignRequest { Spec: not null } align => MethodOf(align.Spec),
        StreamAlignRequest { Spec: not null } stream => MethodOf(stream.Spec),
        _ => None,
    };

    private static string MethodOf(AlignmentSpec spec) =>
        spec.MethodCase == AlignmentSpec.MethodOneofCase.None ? ContractMethod.Default.PropertyName : spec.MethodCase.ToString();

    /// <summary>Time in the queue in milliseconds; 0 if there was none.</summary>
    public double QueueMilliseconds => (_waited ?? _started?.QueueDuration?.ToTimeSpan() ?? TimeSpan.Zero).TotalMilliseconds;

    /// <summary>Number of iterations that ran.</summary>
    public int Iterations => _final?.IterationsRun ?? 0;

    /// <summary>Why the run ended.</summary>
    public string StopReason => _final?.StopReason.ToString() ?? None;

    /// <summary>The record of a logged call, or null.</summary>
    public static CallRecord? Of(ServerCallContext call) =>
        call.UserState.TryGetValue(typeof(CallRecord), out object? found) ? (CallRecord)found : null;

    /// <summary>Attaches the record to a call, for <see cref="Of"/>.</summary>
    public CallRecord Attach(ServerCallContext call)
    {
        call.UserState[typeof(CallRecord)] = this;
        return this;
    }

    /// <summary>
    /// Records the start of a run, from the moment that it has an id or has left the queue. A unary caller may never receive this event.
    /// </summary>
    public void Began(AlignmentStarted started) => _started = request is AlignBatchRequest ? null : started;

    /// <summary>Records the failure of a run, which may contain how long it waited.</summary>
    public void Failed(Exception failure) => _waited = failure switch
    {
        AlignmentDeadlineException late => late.Queued,
        QueueTimeoutException impatient => impatient.Timeout,
        _ => _waited,
    };

    /// <summary>Records a message that was sent.</summary>
    public void Sent(object message)
    {
        Messages++;
        (_started, _final) = message switch
        {
            AlignResponse response => (response.Started, response.Final),
            StreamAlignResponse next => (next.Started ?? _started, next.Final ?? _final),
            _ => (_started, _final),
        };
    }

    /// <summary>The reason of a failure, from its error details.</summary>
    public static string Reason(RpcException? failure) => failure?.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason ?? None;
}
