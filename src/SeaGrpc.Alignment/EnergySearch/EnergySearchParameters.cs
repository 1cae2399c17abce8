using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Method <c>energy_search</c> (ours). It first searches over prefixes, each scored exactly by the energy it would have if it ended there.
/// It then rewrites the best response from cuts on.
/// </summary>
[DefaultMethod]
public sealed record EnergySearchParameters : DraftedParameters
{
    [Parameter("Number W of beams kept after each step.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int BeamWidth { get; init; } = 6;

    [Parameter(
        "Number K of next tokens per beam that are scored exactly: the policy's most likely ones.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int Candidates { get; init; } = 10;

    [Parameter("Length D of the part that is chosen token by token before chunks are sampled.", Unit = "tokens", AtLeast = 0)]
    public int EnumeratedTokens { get; init; } = 6;

    [Parameter("Length L of a sampled chunk.", Unit = "tokens", AtLeast = 1)]
    public int ChunkTokens { get; init; } = 3;

    [Parameter("Number of chunks sampled per beam.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int SamplesPerBeam { get; init; } = 1;

    /// <summary>The temperature of the draft and of chunks.</summary>
    [Parameter("Temperature at which the draft and chunks are sampled from the policy.", Above = 0)]
    public override double SamplingTemperature { get; init; } = 0.7;

    [Parameter("Number k of the policy's most likely tokens that chunks are sampled from. 0 means all.", AtLeast = 0)]
    public int TopK { get; init; } = 50;

    [Parameter(
        "Smallest probability, given the tokens before it, of an end that the search puts to a response before the token limit. "
        + "An end that was sampled, or that the search started from, may be less likely. 0 means that a response may end anywhere.",
        AtLeast = 0, AtMost = 1)]
    public double MinEndProbability { get; init; } = 0.001;

    [Parameter("How a prefix is scored.")]
    public BeamPrefixScoring PrefixScoring { get; init; } = BeamPrefixScoring.EosAppended;

    [Parameter(
        "Number R of completions sampled per prefix and step for BEAM_PREFIX_SCORING_ROLLOUT. They compete as answers.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public int RolloutSamples { get; init; } = 4;

    [Parameter("How the rewards of a prefix's completions are combined.")]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    [Parameter("How prefixes are ranked. The answer is always the response with the lowest energy.")]
    public SearchRanking RankBy { get; init; } = SearchRanking.Energy;

    /// <remarks>
    /// Continuing a prefix costs log-probability, so only a higher reward can make up for a prefix whose energy is above that of a whole
    /// response.
    /// </remarks>
    [Parameter(
        "Energy above the best response's at which a prefix's beam is dropped. The largest amount by which a prefix of the draft "
        + "exceeds the draft is added to it. If the search starts from another response that was given, that one's prefixes count, from "
        + "the beam's length on.",
        Unit = "nats", AtLeast = 0)]
    public double PruneMargin { get; init; }

    [Parameter("Number of rewrites tried in one iteration, each from its own cut.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int Rewrites { get; init; } = 4;

    [Parameter("Number of beams that a rewrite keeps after each step.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int RewriteBeamWidth { get; init; } = 2;

    [Parameter("Number of next tokens per beam that a rewrite scores exactly.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int RewriteCandidates { get; init; } = 16;

    [Parameter("Length of the part that a rewrite chooses token by token.", Unit = "tokens", AtLeast = 0)]
    public int RewriteEnumeratedTokens { get; init; } = 3;

    [Parameter(
        "Where the response is cut for a rewrite. ENERGY_SEARCH_CUT_SPREAD uses the candidates that the run has read so far. "
        + "ENERGY_SEARCH_CUT_GRADIENT needs a backward pass of the reward for every new response.")]
    public EnergySearchCut Cut { get; init; } = EnergySearchCut.Place;

    [Parameter(
        "Whether to also replace, insert, delete and swap spans of tokens within the response. The policy proposes more likely text "
        + "where it finds the response unlikely. The tokens after the span stay.")]
    public bool Spans { get; init; } = true;

    [Parameter("Whether to also substitute single tokens, as proposed by the policy and the reward gradient.")]
    public bool Substitutions { get; init; } = true;

    [Parameter(
        "Number of token substitutions scored exactly per iteration. It doubles whenever none of them helps, up to eight times the "
        + "initial number.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(Substitutions), true)]
    public int Proposals { get; init; } = 16;

    [Parameter(
        "When the search continues from the response that a move proposes. ENERGY_SEARCH_ACCEPTANCE_METROPOLIS makes only one kind of "
        + "move, regardless of the other parameters: the reference policy samples the rest of the response from a random cut. Only "
        + "budget_tokens then ends the run early. The answer is always the response with the lowest energy.")]
    public EnergySearchAcceptance Acceptance { get; init; } = EnergySearchAcceptance.Descent;

    [Parameter(
        "Temperature T of ENERGY_SEARCH_ACCEPTANCE_TEMPERATURE. A response whose energy is higher by d is accepted with probability "
        + "exp(-d/T).",
        Unit = "nats", Above = 0)]
    [OnlyWith(nameof(Acceptance), EnergySearchAcceptance.Temperature)]
    public double AcceptanceTemperature { get; init; } = 1;

    [Parameter(
        "Whether the search may also start from responses that the server knows: a few refusals, unless its operator sets others. One is "
        + "a start only if its reward is higher than the draft's, by what the server takes for a gain. "
        + "ENERGY_SEARCH_ACCEPTANCE_METROPOLIS uses none.")]
    public bool KnownResponses { get; init; } = true;

    [Parameter(
        "Number of iterations. Each makes one move: a search from the beginning, rewrites, edits of spans, or substitutions. The next "
        + "move is the one that has lowered the energy most per model token.",
        AtLeast = 1, Limit = RequestLimit.MaxIterations)]
    public int Iterations { get; init; } = 30;

    [Parameter(
        "How many times the search from the beginning is repeated when no other move helps. Each repetition has twice as many beams. "
        + "There is none if the reward says little about prefixes.",
        AtLeast = 0, AtMost = 4)]
    public int Widenings { get; init; } = 1;

    /// <remarks>
    /// A start ends where no move helps: in one of several low places, and which one it is depends on chance. Several starts find a
    /// lower one than a longer search from one start does.
    /// </remarks>
    [Parameter(
        "How many times the search starts over from another sample of the policy when no move helps any more and as many tokens are left "
        + "in the budget as a start has taken so far. The answer is the response with the lowest energy of all. There is none if the "
        + "reward says little about prefixes.",
        AtLeast = 0, Limit = RequestLimit.MaxIterations)]
    public int Restarts { get; init; }

    [Parameter(
        "Budget for the run's model passes. An iteration other than the first starts only if it is expected to fit. 0 means no limit.",
        Unit = "tokens", AtLeast = 0)]
    public int BudgetTokens { get; init; } = 20000;

    [Parameter(
        "Number of consecutive failures after which a kind of move is dropped. The run ends when none is left. 0 means never.",
        AtLeast = 0)]
    public int PlateauIterations { get; init; } = 2;

    [Parameter("Smallest reduction of the energy that counts as an improvement.", Unit = "nats", AtLeast = 0)]
    public double PlateauTolerance { get; init; } = 0.01;

    /// <inheritdoc/>
    internal override double EndFloor =>
        Acceptance == EnergySearchAcceptance.Metropolis ? double.NegativeInfinity : Math.Log(MinEndProbability);

    internal override bool NeedsRewardGradient => Cut == EnergySearchCut.Gradient;
}
