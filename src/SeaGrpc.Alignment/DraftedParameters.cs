using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Alignment;

/// <summary>The parameters of a method whose answer is compared with a draft.</summary>
public abstract record DraftedParameters : MethodParameters
{
    /// <summary>The value for a request that has a draft and sets none, in nats per token.</summary>
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
        + "returned at once. 100 means no limit. With a draft_response, the value is 0.5 if the field is not set.",
        Unit = "nats per token", AtLeast = 0, AtMost = NoLimit)]
    public double MaxFluencyLoss { get; init; } = NoLimit;
}
