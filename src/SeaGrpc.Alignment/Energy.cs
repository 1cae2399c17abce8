namespace SeaGrpc.Alignment;

/// <summary>
/// The energy U(x,y) = -[log pi_ref(y|x) + alpha r(x,y)], to be minimised. Its minimum is the mode of the KL-regularised optimum pi*, which
/// is proportional to pi_ref exp(alpha r). The sign is written only here.
/// </summary>
public static class Energy
{
    /// <summary>Sign of both terms in the energy.</summary>
    public const double Sign = -1;

    /// <summary>U(x,y) in nats.</summary>
    /// <param name="logProbability">log pi_ref(y|x) in nats.</param>
    /// <param name="reward">r(x,y) in the reward model's units.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    public static double Of(double logProbability, double reward, double rewardWeight) =>
        Sign * (logProbability + rewardWeight * reward);
}
