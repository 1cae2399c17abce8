namespace SeaGrpc.Alignment;

/// <summary>The parameters of one method; the type says which method.</summary>
public abstract record MethodParameters
{
    private protected MethodParameters()
    {
    }

    /// <summary>The energy's alpha: weight of the reward against the log-probability, in nats per reward unit; finite, at least 0.</summary>
    public double RewardWeight { get; init; } = 8;

    /// <summary>Temperature at which responses are sampled from the policy; above 0.</summary>
    public double SamplingTemperature { get; init; } = 1;
}
