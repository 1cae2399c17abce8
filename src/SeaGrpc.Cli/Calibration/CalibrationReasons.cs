using System.Globalization;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Cli.Calibration;

/// <summary>Says in plain words why a parameter is suggested.</summary>
internal static class CalibrationReasons
{
    /// <summary>One reason for each suggestion.</summary>
    public static IReadOnlyList<(string Parameter, double Value, string Reason)> Of(
        RewardScale scale, IReadOnlyList<GradientFit> gradients, StepTrial step, CheckRun check, SeaParameters suggested,
        CalibrationOptions options)
    {
        GradientFit chosen = gradients.First(fit => fit.Smoothing == suggested.EmbeddingNoise);
        string without = chosen.Smoothing == 0 ? "no noise is needed" : $"without noise it is {Two(gradients[0].Correlation)}";
        string trust =
            chosen.Correlation < 0.2
                ? " That is low: the gradient hardly predicts single tokens better than chance here, so expect more from "
                    + "SEA_SAMPLER_GRADIENT_FLIPS, which checks its proposals exactly."
                : string.Empty;
        string edge =
            step.StepSize == options.StepSizes[^1] ? " It is the largest that was tried."
            : step.StepSize == options.StepSizes[0] ? " It is the smallest that was tried."
            : string.Empty;
        return
        [
            ("reward_weight", suggested.RewardWeight,
                $"Among samples of one prompt, the log-probability varies by {Two(scale.LogProbabilityDeviation)} nats and the reward by "
                    + $"{Two(scale.RewardDeviation)} "
                + $"(standard deviations), so at {Two(scale.Balance)} the two count alike. {Weight(scale, check)}"),
            ("embedding_noise", suggested.EmbeddingNoise,
                $"The rank correlation of the gradient's predictions with the real changes of the energy, over plausible single-token "
                    + $"substitutions, is {Two(chosen.Correlation)} here; {without}."
                + $" The least noise within 0.01 of the best.{trust}"),
            ("step_size", suggested.StepSize,
                $"The energy fell by {Two(step.EnergyFall)} nats in {options.TrialIterations} iterations, with "
                    + $"{Two(step.ChangesPerIteration)} tokens of a chain changing per iteration: "
                + $"the smallest step size within 5 % of the best.{edge}"),
        ];
    }

    private static string Weight(RewardScale scale, CheckRun check) =>
        check.LogProbability >= scale.LeastLikely
            ? $"Of the weights tried this is the smallest whose answers gain nearly as much reward as any "
                + $"({Two(check.Gain)} over the drafts) while they stay likely under the policy: "
                + $"{Two(check.LogProbability)} nats on average, not below {Two(scale.LeastLikely)}, "
                + "two standard deviations under the samples' mean."
            : $"It is the smallest that was tried, but even its answers are unlikely under the policy "
                + $"({Two(check.LogProbability)} nats on average, "
                + $"the samples' mean less two standard deviations is {Two(scale.LeastLikely)}): "
                + "look at the answers before trusting the reward.";

    private static string Two(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
