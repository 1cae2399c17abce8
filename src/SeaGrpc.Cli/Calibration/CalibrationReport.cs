using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Cli.Calibration;

/// <summary>What a calibration found, and what it suggests.</summary>
/// <param name="Scale">How far reward and log-probability spread over the policy's samples.</param>
/// <param name="Gradients">How well the gradient predicts substitutions, at each level of smoothing.</param>
/// <param name="Steps">What each step size does.</param>
/// <param name="Checks">Whole runs at several alphas, in rising order.</param>
/// <param name="Suggested">The calibrated parameters with the suggested alpha, smoothing and step size.</param>
/// <param name="Method">The same as a method's text, with what was given and what is suggested.</param>
/// <param name="Reasons">One for each suggestion: the parameter's name in the contract, its value, and why.</param>
public sealed record CalibrationReport(
    RewardScale Scale,
    IReadOnlyList<GradientFit> Gradients,
    IReadOnlyList<StepTrial> Steps,
    IReadOnlyList<CheckRun> Checks,
    SeaParameters Suggested,
    MethodText Method,
    IReadOnlyList<(string Parameter, double Value, string Reason)> Reasons)
{
    /// <summary>The parameters that a calibration suggests, by their properties' names.</summary>
    public static IReadOnlyList<string> Found { get; } =
        [nameof(SeaParameters.RewardWeight), nameof(SeaParameters.EmbeddingNoise), nameof(SeaParameters.StepSize)];
}

/// <summary>The spread over the policy's samples, pooled over the prompts.</summary>
/// <param name="RewardMean">Mean reward.</param>
/// <param name="RewardDeviation">Standard deviation of the reward among one prompt's samples.</param>
/// <param name="LogProbabilityMean">Mean log-probability, in nats.</param>
/// <param name="LogProbabilityDeviation">Standard deviation of the log-probability among one prompt's samples, in nats.</param>
/// <param name="Correlation">Mean rank correlation of the two among one prompt's samples; NaN if undefined.</param>
public sealed record RewardScale(
    double RewardMean, double RewardDeviation, double LogProbabilityMean, double LogProbabilityDeviation, double Correlation)
{
    /// <summary>
    /// The alpha at which one standard deviation of the reward counts as much as one of the log-probability, in nats per reward unit.
    /// </summary>
    public double Balance => LogProbabilityDeviation / RewardDeviation;

    /// <summary>
    /// The log-probability down to which an answer is one that the policy might have given, in nats: two standard deviations below its
    /// mean.
    /// </summary>
    public double LeastLikely => LogProbabilityMean - 2 * LogProbabilityDeviation;
}

/// <summary>The gradient's predictions at one level of smoothing.</summary>
/// <param name="Smoothing">Noise on the embeddings, in standard deviations of the embedding matrix.</param>
/// <param name="Correlation">Mean rank correlation of predicted with exact changes of the energy over a response's substitutions; NaN if
/// undefined.</param>
/// <param name="Found">Fraction of the substitutions that lower the energy which are among the best predicted eighth; NaN if no
/// substitution lowers it.</param>
public sealed record GradientFit(double Smoothing, double Correlation, double Found);

/// <summary>One step size.</summary>
/// <param name="StepSize">In logits.</param>
/// <param name="ChangesPerIteration">Tokens that change per chain and iteration, on average.</param>
/// <param name="EnergyFall">How far the best energy fell from the best draft's, in nats, on average over the prompts.</param>
public sealed record StepTrial(double StepSize, double ChangesPerIteration, double EnergyFall);

/// <summary>Whole runs at one alpha.</summary>
/// <param name="RewardWeight">alpha.</param>
/// <param name="DraftReward">Mean reward of the drafts.</param>
/// <param name="Reward">Mean reward of the answers.</param>
/// <param name="DraftLogProbability">Mean log-probability of the drafts, in nats.</param>
/// <param name="LogProbability">Mean log-probability of the answers, in nats.</param>
public sealed record CheckRun(double RewardWeight, double DraftReward, double Reward, double DraftLogProbability, double LogProbability)
{
    /// <summary>By how much the answers' mean reward exceeds the drafts'.</summary>
    public double Gain => Reward - DraftReward;
}
