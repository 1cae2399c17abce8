using System.Globalization;

namespace SeaGrpc.Lab.Evaluation.Datasets.PaperGrid;

/// <summary>A setting of SEA's preset <c>paper</c> that the grid tries.</summary>
/// <param name="StepSize">eta, in logits per unit of gradient.</param>
/// <param name="RewardWeight">alpha, in nats per reward unit.</param>
/// <param name="Change">What else differs from the preset, as assignments; empty for nothing.</param>
internal sealed record PaperSetting(double StepSize, double RewardWeight, string Change = "")
{
    private static readonly double[] StepSizes = [0.1, 1, 3, 10, 30, 100];
    private static readonly double[] RewardWeights = [2, 8, 16, 32];

    // Shares of the preset's noise are measured at the best step size and weight; so are a start that is no draft, and a softer and a
    // harder softmax.
    private static readonly string[] Changes =
        ["noise_scale=0", "noise_scale=0.003", "noise_scale=0.03", "initialization=random", "temperature=0.5", "temperature=2"];

    /// <summary>Step sizes and weights together, the preset otherwise.</summary>
    public static IReadOnlyList<PaperSetting> Grid { get; } =
        [.. StepSizes.SelectMany(_ => RewardWeights, (step, weight) => new PaperSetting(step, weight))];

    /// <summary>The preset's other parameters, one at a time, around a setting.</summary>
    public IEnumerable<PaperSetting> Around => Changes.Select(change => this with { Change = change });

    /// <summary>The method in text form: one chain of a few iterations, at about 1,250 tokens a prompt.</summary>
    /// <param name="iterations">Iterations.</param>
    public string Text(int iterations) => string.Create(
        CultureInfo.InvariantCulture,
        $"sea-paper[reference_temperature=0.7,sampling_temperature=0.7,chains=1,iterations={iterations},step_size={StepSize},"
            + $"reward_weight={RewardWeight}{(Change.Length > 0 ? "," : "")}{Change}]");
}
