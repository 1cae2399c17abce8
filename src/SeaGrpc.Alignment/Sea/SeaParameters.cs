using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// Method <c>sea</c>: Simple Energy Adaptation (arXiv 2505.20081). Every choice and every ablation is a parameter.
/// The paper gives the steps, 4 chains and 30 to 50 iterations. We found no other values by its authors, so all others are ours,
/// including those of <see cref="Paper"/>.
/// </summary>
public sealed record SeaParameters : DraftedParameters
{
    [Parameter("How the chains move.")]
    public SeaSampler Sampler { get; init; } = SeaSampler.GradientFlips;

    /// <remarks>The paper draws one sample per chain.</remarks>
    [Parameter(
        "Number of samples to start from. Those with the lowest energies start the chains. A number below chains means one sample per "
        + "chain. A draft_response competes with the samples: it starts the first of several chains, and a single chain starts from the "
        + "lowest energy of all. With a draft_response, 0 means no samples, so every chain starts from the draft. If the field is not "
        + "set, langevin and paper then draw one sample for each further chain.",
        AtLeast = 0, Limit = RequestLimit.MaxSamples)]
    public int DraftSamples { get; init; } = 4;

    [Parameter(
        "Number of token substitutions that SEA_SAMPLER_GRADIENT_FLIPS scores exactly per chain and iteration. It doubles whenever a "
        + "chain does not move, up to eight times the initial number.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(Sampler), SeaSampler.GradientFlips)]
    public int Proposals { get; init; } = 16;

    [Parameter("Minimum policy probability of a token that SEA_SAMPLER_GRADIENT_FLIPS substitutes for another.", AtLeast = 0, Below = 1)]
    [OnlyWith(nameof(Sampler), SeaSampler.GradientFlips)]
    public double MinProbability { get; init; } = 0.003;

    [Parameter("Which plausible substitutions SEA_SAMPLER_GRADIENT_FLIPS scores first.")]
    [OnlyWith(nameof(Sampler), SeaSampler.GradientFlips)]
    public SeaProposalOrder ProposalOrder { get; init; } = SeaProposalOrder.Alternate;

    /// <remarks>A response of energy U is drawn in proportion to exp(-U/T), from the scored ones and the current one.</remarks>
    [Parameter(
        "Temperature at which SEA_SAMPLER_GRADIENT_FLIPS draws the next response from those scored. 0 takes the lowest energy.",
        Unit = "nats", AtLeast = 0)]
    [OnlyWith(nameof(Sampler), SeaSampler.GradientFlips)]
    public double FlipTemperature { get; init; }

    [Parameter("Whether SEA_SAMPLER_GRADIENT_FLIPS also scores combinations of the substitutions that lower the energy on their own.")]
    [OnlyWith(nameof(Sampler), SeaSampler.GradientFlips)]
    public bool CombineFlips { get; init; } = true;

    /// <remarks>The paper uses 4.</remarks>
    [Parameter("Number of chains.", AtLeast = 1, Limit = RequestLimit.MaxChains)]
    public int Chains { get; init; } = 1;

    /// <remarks>The paper uses 30 to 50.</remarks>
    [Parameter("Number of iterations.", AtLeast = 1, Limit = RequestLimit.MaxIterations)]
    public int Iterations { get; init; } = 30;

    [Parameter("Step size eta of SEA_SAMPLER_LANGEVIN.", Unit = "logits (Adam) or logits per unit of gradient (plain)", Above = 0)]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public double StepSize { get; init; } = 0.3;

    [Parameter("How a gradient becomes a step of SEA_SAMPLER_LANGEVIN.")]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public SeaStep Step { get; init; } = SeaStep.Adam;

    /// <remarks>Values near 1 work best: gradients vanish as it decreases.</remarks>
    [Parameter("Temperature tau of the straight-through softmax.", Above = 0)]
    public double Temperature { get; init; } = 1;

    [Parameter("Noise that SEA_SAMPLER_LANGEVIN adds to the logits after each step.")]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public SeaNoise Noise { get; init; } = SeaNoise.None;

    [Parameter("Standard deviation sigma of SEA_NOISE_PAPER.", Unit = "logits", AtLeast = 0)]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public double NoiseScale { get; init; } = 0.1;

    [Parameter("Temperature of SEA_NOISE_LANGEVIN, and initial temperature of SEA_NOISE_ANNEALED.", Unit = "nats", AtLeast = 0)]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public double NoiseTemperature { get; init; } = 1;

    /// <remarks>Randomised smoothing (ours). The noise is drawn anew in every iteration.</remarks>
    [Parameter(
        "Standard deviation of Gaussian noise on the input embeddings.",
        Unit = "standard deviations of the embedding matrix", AtLeast = 0)]
    public double EmbeddingNoise { get; init; }

    [Parameter(
        "How the reference policy contributes to the gradient. SEA_SAMPLER_GRADIENT_FLIPS uses the policy's exact log-probabilities "
        + "unless the value is none. With none, substitutions need not be plausible, and the reward alone judges them.")]
    public SeaReference Reference { get; init; } = SeaReference.Full;

    [Parameter("How the chains of SEA_SAMPLER_LANGEVIN start.")]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public SeaInitialization Initialization { get; init; } = SeaInitialization.Draft;

    [Parameter("Which response is the answer.")]
    public SeaSelection Selection { get; init; } = SeaSelection.Energy;

    [Parameter(
        "Whether the answer is the best response of all iterations and drafts, with at least the best draft's reward. If false, the "
        + "answer comes from the last iteration.")]
    public bool KeepBest { get; init; } = true;

    [Parameter("Whether responses may change length.")]
    public SeaLength Length { get; init; } = SeaLength.Fixed;

    [Parameter(
        "Number k of the policy's most likely tokens that SEA_SAMPLER_LANGEVIN allows at each position, in addition to the draft's "
        + "own. 0 means no restriction.",
        AtLeast = 0)]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public int TopK { get; init; }

    [Parameter(
        "Whether SEA_SAMPLER_LANGEVIN adds one candidate at the end, decoded greedily from the policy's log-probabilities plus the "
        + "chain's logits.")]
    [OnlyWith(nameof(Sampler), SeaSampler.Langevin)]
    public bool GuidedDecode { get; init; }

    [Parameter(
        "Number of iterations after which the run ends if the best energy has not improved by plateau_tolerance. 0 means never.",
        AtLeast = 0, Limit = RequestLimit.MaxIterations)]
    public int PlateauIterations { get; init; } = 3;

    [Parameter(
        "Smallest reduction of the energy that counts as an improvement. SEA_SAMPLER_GRADIENT_FLIPS makes no substitution for less.",
        Unit = "nats", AtLeast = 0)]
    public double PlateauTolerance { get; init; } = 0.5;

    internal override bool NeedsRewardGradient =>
        Sampler == SeaSampler.Langevin || ProposalOrder is SeaProposalOrder.Alternate or SeaProposalOrder.Gradient;

    internal override bool NeedsExactRewardGradient => Sampler == SeaSampler.Langevin;

    /// <summary>Whether the answer or the end hangs on exact energies; otherwise log pi_ref of hard responses is only reported.</summary>
    internal bool DecidesByEnergy => Selection == SeaSelection.Energy || PlateauIterations > 0;

    /// <summary>The best parameters in our own measurements (docs/algorithm.md).</summary>
    public static SeaParameters Default { get; } = new();

    /// <summary>The best parameters for Langevin dynamics: four chains, Adam, smoothing noise.</summary>
    [ImpliedBy(nameof(Sampler), SeaSampler.Langevin)]
    public static SeaParameters Langevin { get; } = new()
    {
        Sampler = SeaSampler.Langevin,
        Chains = 4,
        DraftSamples = 0,
        EmbeddingNoise = 0.8,
        PlateauIterations = 6,
        PlateauTolerance = 0.01,
    };

    /// <summary>The paper's algorithm: plain Langevin steps, and the highest reward of the last iteration as the answer.</summary>
    /// <remarks>
    /// Step size, reward weight, noise and temperature are ours, from a grid search on tuning prompts of the embedded worlds
    /// (docs/algorithm.md).
    /// </remarks>
    public static SeaParameters Paper { get; } = Langevin with
    {
        Step = SeaStep.Plain,
        StepSize = 10,
        RewardWeight = 32,
        Noise = SeaNoise.Paper,
        NoiseScale = 0.01,
        EmbeddingNoise = 0,
        Selection = SeaSelection.Reward,
        KeepBest = false,
        Length = SeaLength.Free,
        PlateauIterations = 0,
    };
}
