using Grpc.Core;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Logging;

/// <summary>What the request log tells of one call; no prompt and no answer.</summary>
internal sealed class CallRecord(object request)
{
    private const string None = "-";
    private AlignmentStarted? _started;
    private AlignmentFinal? _final;

    /// <summary>Messages that were sent.</summary>
    public int Messages { get; private set; }

    /// <summary>The alignment's id.</summary>
    public string AlignmentId => _started?.AlignmentId ?? None;

    /// <summary>The caller's key; what is no key, as far as it is fit for a line.</summary>
    public string RequestId => CallerText.Shown(request switch
    {
        AlignRequest { Spec.HasRequestId: true } align => align.Spec.RequestId,
        StreamAlignRequest { Spec.HasRequestId: true } stream => stream.Spec.RequestId,
        CancelAlignmentRequest { RequestId.Length: > 0 } cancel => cancel.RequestId,
        _ => None,
    });

    /// <summary>What runs: sea, best_of_n and so on.</summary>
    public string Method => request switch
    {
        AlignRequest { Spec: not null } align => align.Spec.MethodCase.ToString(),
        StreamAlignRequest { Spec: not null } stream => stream.Spec.MethodCase.ToString(),
        _ => None,
    };

    /// <summary>Time in the queue in milliseconds; 0 where there was none.</summary>
    public double QueueMilliseconds => _started?.QueueDuration?.ToTimeSpan().TotalMilliseconds ?? 0;

    /// <summary>Iterations that ran.</summary>
    public int Iterations => _final?.IterationsRun ?? 0;

    /// <summary>Why the run ended.</summary>
    public string StopReason => _final?.StopReason.ToString() ?? None;

    /// <summary>Takes one message that was sent.</summary>
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

    /// <summary>The call's reason, as its error details name it.</summary>
    public static string Reason(RpcException? failure) => failure?.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason ?? None;
}
