using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Alignment;

/// <summary>The parameters of one method; the type says which method. Those declared here are shared by all methods.</summary>
public abstract record MethodParameters
{
    private protected MethodParameters()
    {
    }

    /// <summary>The energy's alpha.</summary>
    [Parameter("Weight alpha of the reward in the energy.", Unit = "nats per reward unit", AtLeast = 0)]
    public double RewardWeight { get; init; } = 8;

    /// <summary>Divides the policy's logits where responses are sampled.</summary>
    [Parameter("Temperature at which responses are sampled from the policy.", Above = 0)]
    public virtual double SamplingTemperature { get; init; } = 1;

    /// <summary>
    /// Divides the reference policy's logits wherever it is read: energies, log-probabilities and gradients are those of softmax(logits /
    /// it).
    /// </summary>
    [Parameter(
        "Temperature of the reference policy, in energies, log-probabilities and gradients: the one at which the policy is normally "
        + "served. Sampling temperatures apply on top of it.",
        Above = 0)]
    public double ReferenceTemperature { get; init; } = 1;

    /// <summary>Smallest log pi_ref of the EOS, in nats, with which a search may end a response that began otherwise.</summary>
    internal virtual double EndFloor => double.NegativeInfinity;

    /// <summary>Whether it cannot run where a reward has no gradient.</summary>
    internal virtual bool NeedsRewardGradient => false;
}
