using System.CommandLine;
using SeaGrpc.Alignment.Sea;

namespace SeaGrpc.Cli.Evaluation;

/// <summary>Options that change single parameters of a SEA preset.</summary>
internal sealed class SeaOverrides
{
    private readonly Option<int?> chains = new("--chains") { Description = "SEA: number of chains." };
    private readonly Option<int?> iterations = new("--iterations") { Description = "SEA: number of iterations." };
    private readonly Option<double?> rewardWeight = new("--reward-weight") { Description = "SEA: alpha." };
    private readonly Option<double?> stepSize = new("--step-size") { Description = "SEA: step size." };
    private readonly Option<double?> embeddingNoise = new("--embedding-noise") { Description = "SEA: smoothing noise in standard deviations." };
    private readonly Option<double?> temperature = new("--temperature") { Description = "SEA: tau of the straight-through softmax." };
    private readonly Option<SeaReference?> reference = new("--reference") { Description = "SEA: the reference term." };
    private readonly Option<SeaSelection?> selection = new("--selection") { Description = "SEA: which response is the answer." };
    private readonly Option<SeaInitialization?> initialization = new("--initialization") { Description = "SEA: how chains start." };
    private readonly Option<SeaStep?> step = new("--step") { Description = "SEA: plain or Adam steps." };
    private readonly Option<SeaNoise?> noise = new("--noise") { Description = "SEA: noise on the logits." };
    private readonly Option<SeaLength?> length = new("--length") { Description = "SEA: fixed or free lengths." };
    private readonly Option<int?> plateau = new("--plateau-iterations") { Description = "SEA: stop after so many iterations without a better energy; 0 is never." };
    private readonly Option<int?> topK = new("--top-k") { Description = "SEA: candidates per position; 0 is all." };

    public IEnumerable<Option> Options =>
    [
        chains, iterations, rewardWeight, stepSize, embeddingNoise, temperature, reference, selection, initialization, step, noise, length, topK, plateau,
    ];

    /// <summary>The preset with what was given on the command line.</summary>
    public SeaParameters Apply(SeaParameters preset, ParseResult parsed) => preset with
    {
        Chains = parsed.GetValue(chains) ?? preset.Chains,
        Iterations = parsed.GetValue(iterations) ?? preset.Iterations,
        RewardWeight = parsed.GetValue(rewardWeight) ?? preset.RewardWeight,
        StepSize = parsed.GetValue(stepSize) ?? preset.StepSize,
        EmbeddingNoise = parsed.GetValue(embeddingNoise) ?? preset.EmbeddingNoise,
        Temperature = parsed.GetValue(temperature) ?? preset.Temperature,
        Reference = parsed.GetValue(reference) ?? preset.Reference,
        Selection = parsed.GetValue(selection) ?? preset.Selection,
        Initialization = parsed.GetValue(initialization) ?? preset.Initialization,
        Step = parsed.GetValue(step) ?? preset.Step,
        Noise = parsed.GetValue(noise) ?? preset.Noise,
        Length = parsed.GetValue(length) ?? preset.Length,
        PlateauIterations = parsed.GetValue(plateau) ?? preset.PlateauIterations,
        TopK = parsed.GetValue(topK) ?? preset.TopK,
    };
}
