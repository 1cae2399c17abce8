using SeaGrpc.Alignment.EnergySearch.Cuts;
using SeaGrpc.Alignment.EnergySearch.Moves;
using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Alignment.Search;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// The state of an energy search: the current response, the best response, and the rows in which the current one was read. It owns the
/// rows.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="parameters">Its parameters.</param>
/// <param name="draft">The response that the search starts from.</param>
/// <param name="rows">The single row that the draft was read in, taken over; null if there is none.</param>
internal sealed class SearchState(RunContext context, EnergySearchParameters parameters, ScoredResponse draft, PrefixRows? rows)
    : IDisposable
{
    /// <summary>Number of prefixes of a response that are examined.</summary>
    private const int Places = 7;

    private PrefixRows? _rows = rows;
    private ChainStates? _reading;
    private PrefixRises? _rises;
    private readonly PrefixRewards _prefixRewards = new();

    public RunContext Context => context;

    public EnergySearchParameters Parameters => parameters;

    /// <summary>The response that moves start from.</summary>
    public ScoredResponse Current { get; private set; } = draft;

    /// <summary>The response of the lowest energy so far, and the iteration that found it; 0 for the draft.</summary>
    public (ScoredResponse Response, int Iteration) Best { get; private set; } = (draft, 0);

    /// <summary>The response of the lowest energy since the search has last started.</summary>
    public ScoredResponse Lowest { get; private set; } = draft;

    /// <summary>Whether the search starts from another response than its draft.</summary>
    public bool IsStartGiven { get; private set; }

    /// <summary>How often the search has started: once, and whenever it has started over.</summary>
    public int Starts { get; private set; } = 1;

    /// <summary>
    /// How far a response's own prefixes lie above it. It tells what a prefix's energy is worth with this reward: if one with nearly all of
    /// the response lies far above it, the reward says little about incomplete responses. It is computed from the response that is current
    /// at the first access.
    /// </summary>
    public PrefixRises Rises => _rises ??= Read();

    /// <summary>
    /// Whether, by what has been read so far, the reward does not tell one prefix from another: what goes by the energies of prefixes then
    /// goes by the policy alone. Completions by the policy would tell.
    /// </summary>
    public bool IsBlind
    {
        get
        {
            // The response's own beginnings come first.
            _ = Rises;
            return _prefixRewards.AreAlike && parameters.RewardWeight > 0 && parameters.PrefixScoring != BeamPrefixScoring.Rollout;
        }
    }

    /// <summary>Model tokens that the run has read.</summary>
    public long Spent => context.Cost.Cost is var cost ? cost.PolicyTokens + cost.RewardTokens : 0;

    /// <summary>Model tokens left in the budget; negative if it is overspent.</summary>
    public long Left => parameters.BudgetTokens == 0 ? long.MaxValue : parameters.BudgetTokens - Spent;

    /// <summary>The spread of the energies of prefixes, where candidates have been read.</summary>
    public CandidateSpread Spread { get; } = new();

    /// <summary>First tokens that must stay.</summary>
    public int Pinned => Fixed.Count;

    /// <summary>
    /// The current response as the single row of a search. At the first access it is copied from <see cref="Reading"/>, if that was read,
    /// and else read.
    /// </summary>
    public PrefixRows Rows => _rows ??= _reading is { } reading && IsCurrent(reading)
        ? PrefixRows.Of(reading.Row())
        : PrefixRows.Start(context, Current.Tokens, Current.EndsWithEos);

    /// <summary>
    /// The current response as the sampler of substitutions needs it. What is not in <see cref="Rows"/> is read from the first token that
    /// differs from the last response read.
    /// </summary>
    public ChainStates Reading
    {
        get
        {
            if (_reading is { } reading && IsCurrent(reading))
            {
                return reading;
            }

            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            HardResponses wanted = Wanted;
            (LoadedPolicyRows, RewardRows)? read = _rows is { } rows ? (rows.Policy.Loaded, rows.Rewards) : null;
            if (_reading is null)
            {
                return _reading = new ChainStates(context, wanted, context.Task.MaxResponseTokens + 1, read);
            }

            if (read is { } own)
            {
                _reading.Replace(wanted, own);
            }
            else
            {
                _reading.Replace(wanted, _reading.Rows.Tokens.AsSpan().CommonPrefixLength(wanted.Tokens));
            }

            return _reading;
        }
    }

    /// <summary>Continues from another response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="rows">The single row that it was read in, taken over; null if there is none.</param>
    /// <param name="iteration">The iteration that found it.</param>
    public void MoveTo(ScoredResponse response, PrefixRows? rows, int iteration)
    {
        _rows?.Dispose();
        _rows = rows;
        Current = response;
        IsStartGiven |= iteration == 0;
        if (response.Energy < Lowest.Energy)
        {
            Lowest = response;
        }

        if (response.Energy < Best.Response.Energy)
        {
            Best = (response, iteration);
        }
    }

    /// <summary>Starts over from another response, whatever its energy is.</summary>
    /// <param name="start">The response; null to stay where it is.</param>
    /// <param name="iteration">The iteration that found it.</param>
    public void StartOver(Proposal? start, int iteration)
    {
        Starts++;
        if (start is not null)
        {
            Lowest = start.Response;
            MoveTo(start.Response, start.Rows, iteration);
        }
    }

    /// <summary>A search for responses from the first token on, the fixed prefix kept.</summary>
    /// <param name="shape">What it does.</param>
    public PrefixSearch FromTheStart(SearchShape shape) => new(
        context, shape, [new Continuation(PrefixRows.Start(context, Fixed), Current.Energy)], Note);

    /// <summary>Takes note of candidates that were read side by side.</summary>
    /// <param name="position">The position at which they part, from 0.</param>
    /// <param name="candidates">The candidates.</param>
    public void Note(int position, IReadOnlyList<ScoredResponse> candidates)
    {
        Spread.Note(position, [.. candidates.Select(candidate => candidate.Energy)]);
        _prefixRewards.Note([.. candidates.Select(candidate => candidate.Reward)]);
    }

    /// <summary>A number drawn from [0, 1).</summary>
    public double Uniform()
    {
        using Tensor drawn = rand([1], ScalarType.Float64, context.Generator.device, generator: context.Generator);
        return drawn.item<double>();
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _reading?.Dispose();
    }

    private HardResponses Wanted => context.Rows([(Current.Tokens.ToArray(), Current.EndsWithEos)]);

    private bool IsCurrent(ChainStates reading) => reading.Rows.Tokens.AsSpan().SequenceEqual(Wanted.Tokens);

    private IReadOnlyList<int> Fixed { get; } = context.Task.ResponsePrefixOpen ? [] : context.Task.ResponsePrefix;

    private PrefixRises Read()
    {
        (int Tokens, double Reward, double Energy)[] beginnings =
            Rows.Beginnings(Places, parameters.PrefixScoring == BeamPrefixScoring.Raw);
        _prefixRewards.Note([.. beginnings.Select(beginning => beginning.Reward)]);
        // A response that was given is whole. A draft may lack a part, or have one too many: its length tells nothing.
        return new PrefixRises(
            [.. beginnings.Select(beginning => (beginning.Tokens, beginning.Energy - Current.Energy))], byLength: IsStartGiven);
    }
}
