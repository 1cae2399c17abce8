using System.Diagnostics;
using Grpc.Core;
using SeaGrpc.Server.Contract;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Logging;

/// <summary>What the request log records of one call. It contains no prompts and no responses.</summary>
internal sealed class CallRecord(object request)
{
    /// <summary>Stands for what does not apply.</summary>
    public const string None = "-";

    private TimeSpan? _waited;

    /// <summary>The caller's name in the operator's file.</summary>
    public string Caller { get; private set; } = None;

    /// <summary>Number of messages sent.</summary>
    public int Messages { get; private set; }

    /// <summary>The alignment that is asked for; null for other calls.</summary>
    public AlignmentSpec? Spec => request switch
    {
        AlignRequest align => align.Spec,
        StreamAlignRequest stream => stream.Spec,
        _ => null,
    };

    /// <summary>What started; null if nothing did.</summary>
    public AlignmentStarted? Started { get; private set; }

    /// <summary>How it ended; null if it has no answer.</summary>
    public AlignmentFinal? Final { get; private set; }

    /// <summary>The alignment's id.</summary>
    public string AlignmentId => Started?.AlignmentId ?? None;

    /// <summary>The caller's request id. If it is not valid, the part that fits into a log line.</summary>
    public string RequestId => CallerText.Shown(request switch
    {
        CancelAlignmentRequest { RequestId.Length: > 0 } cancel => cancel.RequestId,
        _ => Spec is { HasRequestId: true } ? Spec.RequestId : None,
    });

    /// <summary>The method: sea, best_of_n and so on.</summary>
    public string Method => Spec is null ? None
        : Spec.MethodCase == AlignmentSpec.MethodOneofCase.None ? ContractMethod.Default.PropertyName : Spec.MethodCase.ToString();

    /// <summary>Time in the queue in milliseconds; 0 if there was none.</summary>
    public double QueueMilliseconds => (_waited ?? Started?.QueueDuration?.ToTimeSpan() ?? TimeSpan.Zero).TotalMilliseconds;

    /// <summary>Number of iterations that ran.</summary>
    public int Iterations => Final?.IterationsRun ?? 0;

    /// <summary>Why the run ended.</summary>
    public string StopReason => Final?.StopReason.ToString() ?? None;

    /// <summary>Id of the current trace, which is the caller's if it sent one.</summary>
    public static string TraceId => Activity.Current?.TraceId.ToHexString() ?? None;

    /// <summary>Id of the current span.</summary>
    public static string SpanId => Activity.Current?.SpanId.ToHexString() ?? None;

    /// <summary>The record of a logged call, or null.</summary>
    public static CallRecord? Of(ServerCallContext call) =>
        call.UserState.TryGetValue(typeof(CallRecord), out object? found) ? (CallRecord)found : null;

    /// <summary>Attaches the record to a call, for <see cref="Of"/>.</summary>
    public CallRecord Attach(ServerCallContext call)
    {
        call.UserState[typeof(CallRecord)] = this;
        return this;
    }

    /// <summary>Records who made the call.</summary>
    public void MadeBy(string caller) => Caller = caller;

    /// <summary>
    /// Records the start of a run, from the moment that it has an id or has left the queue. A unary caller may never receive this event.
    /// </summary>
    public void Began(AlignmentStarted started) => Started = request is AlignBatchRequest ? null : started;

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
        (Started, Final) = message switch
        {
            AlignResponse response => (response.Started, response.Final),
            StreamAlignResponse next => (next.Started ?? Started, next.Final ?? Final),
            _ => (Started, Final),
        };
    }

    /// <summary>The reason of a failure, from its error details; null if there is none.</summary>
    public static string? Reason(RpcException? failure) => failure?.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason;
}
