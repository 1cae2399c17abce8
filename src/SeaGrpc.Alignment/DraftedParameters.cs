using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Alignment;

/// <summary>The parameters of a method whose answer is compared with a draft.</summary>
public abstract record DraftedParameters : MethodParameters
{
    /// <summary>Most fluency that may be lost against a caller's draft if nothing else is set, in nats per token.</summary>
    public const double LossFromCallersDraft = 0.5;

    /// <summary>The value that means no limit.</summary>
    public const double NoLimit = 100;

    private protected DraftedParameters()
    {
    }

    [Parameter(
        "Most fluency that the answer may lose against its draft. The draft is the draft_response, or else the one that the final event "
        + "names. A response's fluency is the mean over its 10 least likely tokens, its end included, of min(0, log pi_ref + 4). "
        + "Responses that lose more are neither proposed nor returned, and a draft_response that the policy does not understand is "
        + "returned at once. 100 means no limit. Unset, it is 0.5 with a draft_response, and 100 without one.",
        Unit = "nats per token", AtLeast = 0, AtMost = NoLimit)]
    public double? MaxFluencyLoss { get; init; }

    /// <summary>The value in effect, in nats per token.</summary>
    /// <param name="hasDraft">Whether the caller has handed in a draft.</param>
    public double FluencyLoss(bool hasDraft) => MaxFluencyLoss ?? (hasDraft ? LossFromCallersDraft : NoLimit);
}
