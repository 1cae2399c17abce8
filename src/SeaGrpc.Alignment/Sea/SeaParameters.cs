namespace SeaGrpc.Alignment.Sea;

/// <summary>How SEA moves on its energy.</summary>
public enum SeaSampler
{
    /// <summary>Langevin dynamics on the chains' logits (the paper).</summary>
    Langevin,

    /// <summary>Token flips that policy and reward gradient propose and exact energies decide on (ours).</summary>
    GradientFlips,
}

/// <summary>How chains start.</summary>
public enum SeaInitialization
{
    /// <summary>From a sample of the policy or the caller's draft, Gumbel-consistent: the start's argmax is the draft.</summary>
    Draft,

    /// <summary>From standard normal logits (the paper's ablation).</summary>
    Random,
}

/// <summary>What is added to the logits after each step.</summary>
public enum SeaNoise
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Gaussian with standard deviation <see cref="SeaParameters.NoiseScale"/> (the paper).</summary>
    Paper,

    /// <summary>Gaussian with standard deviation sqrt(2 * step size * noise temperature): unadjusted Langevin dynamics.</summary>
    Langevin,

    /// <summary>As <see cref="Langevin"/>, its temperature falling linearly to 0 over the run.</summary>
    Annealed,
}

/// <summary>How a gradient becomes a step.</summary>
public enum SeaStep
{
    /// <summary>Step size times the gradient (the paper).</summary>
    Plain,

    /// <summary>Adam on the logits, as COLD steps (Qin et al., 2022); cancels the vanishing scale of a saturated softmax.</summary>
    Adam,
}

/// <summary>The reference policy's term of the energy.</summary>
public enum SeaReference
{
    /// <summary>Gradient through the policy's inputs and its targets (the paper).</summary>
    Full,

    /// <summary>Gradient through the targets only: no backward pass of the policy (COLD).</summary>
    Detached,

    /// <summary>No gradient from the policy (the paper's ablation); the term is still reported.</summary>
    None,
}

/// <summary>Which response is the answer.</summary>
public enum SeaSelection
{
    /// <summary>The lowest energy (ours).</summary>
    Energy,

    /// <summary>The highest reward (the paper).</summary>
    Reward,
}

/// <summary>Whether responses may change length.</summary>
public enum SeaLength
{
    /// <summary>The end of each draft stays where it is.</summary>
    Fixed,

    /// <summary>
    /// EOS is a token like any other: positions after the first one sleep, and wake if it moves. No response grows past the
    /// longest draft.
    /// </summary>
    Free,
}

/// <summary>
/// Method <c>sea</c>: Simple Energy Adaptation (arXiv 2505.20081), every choice and every ablation a parameter.
/// The paper says which steps there are, 4 chains and 30 to 50 iterations; we could read no other values of its authors', so
/// that all others are ours, those of <see cref="Paper"/> too.
/// </summary>
public sealed record SeaParameters : MethodParameters
{
    /// <summary>How the chains move.</summary>
    public SeaSampler Sampler { get; init; } = SeaSampler.GradientFlips;

    /// <summary>
    /// Number of samples drawn to start from, the lowest energies of which start the chains; fewer than the chains count as
    /// one for each chain (the paper). A caller's draft starts the first of several chains and competes for a single one; beside it
    /// 0 draws none, and every chain starts from the draft.
    /// </summary>
    public int DraftSamples { get; init; } = 4;

    /// <summary>
    /// Flips that <see cref="SeaSampler.GradientFlips"/> scores exactly, per chain and iteration; at least 1. Twice as many
    /// every time that a chain stays where it is, up to eight times.
    /// </summary>
    public int Proposals { get; init; } = 16;

    /// <summary>Least probability, by the policy, of a token that <see cref="SeaSampler.GradientFlips"/> puts in another's place; in [0, 1).</summary>
    public double MinProbability { get; init; } = 0.003;

    /// <summary>
    /// Temperature T in nats at which <see cref="SeaSampler.GradientFlips"/> draws a chain's next response from exp(-U/T) over
    /// the scored ones and the present one; 0 takes the lowest.
    /// </summary>
    public double FlipTemperature { get; init; }

    /// <summary>Whether <see cref="SeaSampler.GradientFlips"/> also scores unions of the flips that lower the energy one by one.</summary>
    public bool CombineFlips { get; init; } = true;

    /// <summary>Number of chains; at least 1. The paper uses 4.</summary>
    public int Chains { get; init; } = 1;

    /// <summary>Number of iterations; at least 1. The paper uses 30 to 50.</summary>
    public int Iterations { get; init; } = 30;

    /// <summary>Step size eta, in logits per unit of gradient (plain) or in logits (Adam); above 0.</summary>
    public double StepSize { get; init; } = 0.3;

    /// <summary>How a gradient becomes a step.</summary>
    public SeaStep Step { get; init; } = SeaStep.Adam;

    /// <summary>Temperature tau of the straight-through softmax; above 0. Near 1 is right: gradients vanish as it falls.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>What is added to the logits after each step.</summary>
    public SeaNoise Noise { get; init; } = SeaNoise.None;

    /// <summary>Standard deviation sigma of <see cref="SeaNoise.Paper"/>, in logits; at least 0.</summary>
    public double NoiseScale { get; init; } = 0.1;

    /// <summary>Temperature T of <see cref="SeaNoise.Langevin"/> and of <see cref="SeaNoise.Annealed"/> at the start, in nats; at least 0.</summary>
    public double NoiseTemperature { get; init; } = 1;

    /// <summary>Gaussian noise on the looked-up embeddings, fresh per iteration, in standard deviations of the embedding matrix; at least 0 (randomised smoothing; ours).</summary>
    public double EmbeddingNoise { get; init; }

    /// <summary>The reference policy's term of the gradient.</summary>
    public SeaReference Reference { get; init; } = SeaReference.Full;

    /// <summary>How chains start.</summary>
    public SeaInitialization Initialization { get; init; } = SeaInitialization.Draft;

    /// <summary>Which response is the answer.</summary>
    public SeaSelection Selection { get; init; } = SeaSelection.Energy;

    /// <summary>Keep the best response of all iterations and drafts, none below the best reward that it started from; otherwise the last iteration's (the paper).</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Whether responses may change length.</summary>
    public SeaLength Length { get; init; } = SeaLength.Fixed;

    /// <summary>Restrict each position to the policy's k likeliest tokens at the start, and the draft's own; 0 is no restriction.</summary>
    public int TopK { get; init; }

    /// <summary>Add one candidate at the end, decoded greedily from the policy's log-probabilities plus the chain's logits.</summary>
    public bool GuidedDecode { get; init; }

    /// <summary>Stop when the best energy has not improved by <see cref="PlateauTolerance"/> in this many iterations; 0 is never.</summary>
    public int PlateauIterations { get; init; } = 3;

    /// <summary>Smallest improvement of the energy that counts, in nats; at least 0. <see cref="SeaSampler.GradientFlips"/> makes no flip for less.</summary>
    public double PlateauTolerance { get; init; } = 0.5;

    /// <summary>What works best in our own measurements (docs/algorithm.md).</summary>
    public static SeaParameters Default { get; } = new();

    /// <summary>Langevin dynamics as they work best: four chains, Adam, smoothing noise.</summary>
    public static SeaParameters Langevin { get; } = new()
    {
        Sampler = SeaSampler.Langevin,
        Chains = 4,
        DraftSamples = 0,
        EmbeddingNoise = 0.8,
        PlateauIterations = 6,
        PlateauTolerance = 0.01,
    };

    /// <summary>The paper's algorithm: plain Langevin steps, no safety net, the highest reward of the last iteration.</summary>
    /// <remarks>
    /// Step size, reward weight, noise and temperature are ours: the best of a grid on tuning prompts of the embedded worlds
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
