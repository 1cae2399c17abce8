using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Method <c>energy_search</c> (ours). It first searches over prefixes, each scored exactly by the energy it would have if it ended there.
/// It then rewrites the best response from cuts on.
/// </summary>
[DefaultMethod]
public sealed record EnergySearchParameters : MethodParameters
{
    [Parameter("Number W of beams kept after each step.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int BeamWidth { get; init; } = 6;

    [Parameter(
        "Number K of next tokens per beam that are scored exactly: the policy's likeliest.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int Candidates { get; init; } = 10;

    [Parameter("Number D of tokens chosen one by one before chunks are sampled.", Unit = "tokens", AtLeast = 0)]
    public int EnumeratedTokens { get; init; } = 6;

    [Parameter("Length L of a sampled chunk.", Unit = "tokens", AtLeast = 1)]
    public int ChunkTokens { get; init; } = 3;

    [Parameter("Chunks sampled per beam.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int SamplesPerBeam { get; init; } = 1;

    /// <summary>The temperature of the draft and of chunks.</summary>
    [Parameter("Temperature at which the draft and chunks are sampled from the policy.", Above = 0)]
    public override double SamplingTemperature { get; init; } = 0.7;

    [Parameter("Sample chunks among the policy's k likeliest tokens. 0 means all.", AtLeast = 0)]
    public int TopK { get; init; } = 50;

    [Parameter("How a prefix is scored.")]
    public BeamPrefixScoring PrefixScoring { get; init; } = BeamPrefixScoring.EosAppended;

    [Parameter(
        "Completions R sampled of every prefix in every step where rollouts score; they compete as answers.", AtLeast = 1,
        Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public int RolloutSamples { get; init; } = 4;

    [Parameter("What a prefix's completions are worth together.")]
    [OnlyWith(nameof(PrefixScoring), BeamPrefixScoring.Rollout)]
    public RolloutRanking RolloutRanking { get; init; } = RolloutRanking.Mean;

    [Parameter("What prefixes are ranked by. The answer is the response with the lowest energy in either case.")]
    public SearchRanking RankBy { get; init; } = SearchRanking.Energy;

    /// <remarks>
    /// Continuing a prefix costs log-probability, so only a higher reward can make up for a prefix whose energy is above that of a whole
    /// response.
    /// </remarks>
    [Parameter(
        "How far a prefix's energy may exceed the best response's before its beam is dropped, beyond the largest amount by which a "
        + "prefix of the draft exceeds the draft.",
        Unit = "nats", AtLeast = 0)]
    public double PruneMargin { get; init; }

    [Parameter(
        "Rewrites that are tried side by side in one iteration, each from a cut of its own.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int Rewrites { get; init; } = 4;

    [Parameter("Number of beams that a rewrite keeps after each step.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int RewriteBeamWidth { get; init; } = 2;

    [Parameter("Number of next tokens per beam that a rewrite scores exactly.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int RewriteCandidates { get; init; } = 16;

    [Parameter("Number of tokens that a rewrite chooses one by one.", Unit = "tokens", AtLeast = 0)]
    public int RewriteEnumeratedTokens { get; init; } = 3;

    [Parameter(
        "Where the response is cut for a rewrite. ENERGY_SEARCH_CUT_SPREAD goes by the candidates that the run has read so far, "
        + "ENERGY_SEARCH_CUT_GRADIENT by a backward pass of the reward for every new response.")]
    public EnergySearchCut Cut { get; init; } = EnergySearchCut.Place;

    [Parameter(
        "Whether spans of tokens are replaced, inserted, deleted and swapped too, the tail kept: where the policy finds the response "
        + "unlikely, by what it finds likelier.")]
    public bool Spans { get; init; } = true;

    [Parameter("Whether single tokens are substituted too, those that policy and reward gradient propose.")]
    public bool Substitutions { get; init; } = true;

    [Parameter(
        "Token substitutions that are scored exactly in an iteration. Doubled each time that none of them helps, up to eight times as "
        + "many.",
        AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    [OnlyWith(nameof(Substitutions), true)]
    public int Proposals { get; init; } = 16;

    [Parameter(
        "Whether the search goes on from what a move finds. ENERGY_SEARCH_ACCEPTANCE_METROPOLIS makes one kind of move: the reference "
        + "policy samples the rest from a cut anywhere, whatever the other parameters say of moves, and nothing ends the run early but "
        + "budget_tokens. The answer is the response of the lowest energy in any case.")]
    public EnergySearchAcceptance Acceptance { get; init; } = EnergySearchAcceptance.Descent;

    [Parameter(
        "Temperature T of ENERGY_SEARCH_ACCEPTANCE_TEMPERATURE: an energy that is d higher is accepted with probability exp(-d/T).",
        Unit = "nats", Above = 0)]
    [OnlyWith(nameof(Acceptance), EnergySearchAcceptance.Temperature)]
    public double AcceptanceTemperature { get; init; } = 1;

    [Parameter(
        "Number of iterations, each a move: a search from the beginning, rewrites, edits of spans, or substitutions; whichever lowers the "
        + "energy most per model token.", AtLeast = 1,
        Limit = RequestLimit.MaxIterations)]
    public int Iterations { get; init; } = 30;

    [Parameter(
        "How often the search from the beginning is repeated once nothing else helps, each time with twice as many beams. It is not "
        + "repeated for a reward that says little about prefixes.",
        AtLeast = 0, AtMost = 4)]
    public int Widenings { get; init; } = 1;

    [Parameter(
        "Model tokens that the run may read. An iteration begins only if it is expected to fit, except the first. 0 means no limit.",
        Unit = "tokens", AtLeast = 0)]
    public int BudgetTokens { get; init; } = 20000;

    [Parameter(
        "Failures in a row after which a kind of move is dropped. The run ends when none is left. 0 means never.", AtLeast = 0)]
    public int PlateauIterations { get; init; } = 2;

    [Parameter("Smallest improvement of the energy that counts.", Unit = "nats", AtLeast = 0)]
    public double PlateauTolerance { get; init; } = 0.01;
}
