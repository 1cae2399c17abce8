using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Alignment.Search;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Search on SEA's energy (ours), as a state machine: prefixes exactly, wide and early, then rewrites and substitutions.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for all models.
/// 2. The draft, read by both models: the caller's, or a sample of the policy. From here on there is an answer at any moment: the lowest
///    energy. How far the draft's own beginnings lie above it tells what a prefix's energy is worth with this reward.
/// 3. Search for a response from the first token on (<see cref="PrefixSearch"/>).
/// 4. Move on from the best response, by the kind of move that has lowered the energy most per token: cut it at several places, drawn
///    towards its beginning, and search for a continuation of each; or substitute single tokens (<see cref="SubstitutionSampler"/>). Until
///    the budget is spent, or nothing helps.
/// </remarks>
internal sealed class EnergySearchRun(AlignmentModels models, AlignmentTask task, EnergySearchParameters parameters) : IAlignmentRun
{
    /// <summary>Places of the draft that are looked at.</summary>
    private const int Places = 7;

    private readonly RunContext _context = new(models, task);
    private readonly int _pinned = task.ResponsePrefixOpen ? 0 : task.ResponsePrefix.Count;
    private readonly MoveKind _rewriting = new();
    private readonly MoveKind _substituting = new();
    private SearchDraft? _drafting;
    private PrefixSearch? _search;
    private PrefixRows? _bestRows;
    private SubstitutionSampler? _sampler;
    private ScoredResponse? _draft;
    private (ScoredResponse Response, int Iteration)? _best;
    private double _margin;
    private long _spentBefore;
    private int _iteration;

    public bool IsFinished => _draft is not null && _search is null
        && (HasNoRoom || (_iteration > 0 && (IsConverged || _iteration >= parameters.Iterations || IsSpent)));

    public StopReason FinishReason => IsConverged ? StopReason.Converged : StopReason.Iterations;

    public bool HasResponse => _best is not null;

    /// <summary>Whether the fixed prefix is all that a response may have.</summary>
    private bool HasNoRoom => _pinned >= task.MaxResponseTokens;

    private ScoredResponse Best => _best!.Value.Response;

    /// <summary>The best response now, the search under way included, and the iteration that found it.</summary>
    private (ScoredResponse Response, int Iteration) Answer =>
        _search?.Best is { } found && Best.Energy - found.Energy > parameters.PlateauTolerance ? (found, _iteration + 1) : _best!.Value;

    private long Spent => _context.Cost.Cost is var cost ? cost.PolicyTokens + cost.RewardTokens : 0;

    private bool IsSpent => parameters.BudgetTokens > 0 && Spent >= parameters.BudgetTokens;

    private bool IsConverged => parameters.PlateauIterations > 0
        && _rewriting.Failures >= parameters.PlateauIterations
        && (!parameters.Substitutions || _substituting.Failures >= parameters.PlateauIterations);

    /// <summary>Substitutions come next where they brought more per token, or else have failed less often.</summary>
    private bool SubstitutesNext => parameters.Substitutions && Best.Tokens.Count > _pinned
        && (_substituting.Gain != _rewriting.Gain ? _substituting.Gain > _rewriting.Gain : _substituting.Failures < _rewriting.Failures);

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            _context.Prefill();
            return null;
        }

        if (_draft is null)
        {
            return Draft();
        }

        if (_search is null)
        {
            _spentBefore = Spent;
            if (_iteration > 0 && SubstitutesNext)
            {
                return Substitute();
            }

            _search = _iteration == 0 ? FirstSearch() : Rewrites();
        }

        int steps = _search.Steps;
        _search.Advance();
        return _search.IsFinished ? Take()
            : _search.Steps > steps && _search.Leading is { } leading ? new ProgressUpdate(Answer.Response, leading)
            : null;
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        ScoredResponse draft = _draft ?? throw new InvalidOperationException("There is no response yet.");
        (ScoredResponse response, int found) = Answer;
        return new AlignmentOutcome(reason, response, draft, 0, found, Math.Max(_iteration, found), _context.Cost.Cost);
    }

    public void Dispose()
    {
        _drafting?.Dispose();
        _search?.Dispose();
        _bestRows?.Dispose();
        _sampler?.Dispose();
        _context.Dispose();
    }

    // 2.
    private DraftUpdate? Draft()
    {
        _drafting ??= new SearchDraft(_context, sampleDraft: true, reportsEnergy: false);
        if (_drafting.Advance() is not { } response)
        {
            return null;
        }

        _draft = response;
        _best = (response, 0);
        _bestRows = _drafting.TakeRows();
        _margin = _bestRows.PrefixEnergies(Places, parameters.PrefixScoring == BeamPrefixScoring.Raw)
            .Select(energy => energy - response.Energy)
            .Append(0)
            .Max();
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    // 3.
    private PrefixSearch FirstSearch()
    {
        IReadOnlyList<int> prefix = task.ResponsePrefixOpen ? [] : task.ResponsePrefix;
        return new PrefixSearch(
            _context,
            EnergySearchShapes.First(parameters, _margin),
            [new Continuation(PrefixRows.Start(_context, prefix), Best.Energy)]);
    }

    // 4.
    private PrefixSearch Rewrites()
    {
        _bestRows ??= PrefixRows.Read(_context, Best.Tokens, Best.EndsWithEos).Rows;
        int[] cuts = [.. Enumerable.Range(0, parameters.Rewrites).Select(_ => Cut(Best.Tokens.Count)).Distinct()];
        return new PrefixSearch(
            _context,
            EnergySearchShapes.Rewrites(parameters, _margin),
            [.. cuts.Select(cut => new Continuation(PrefixRows.Gather([(_bestRows!, 0)], cut), Best.Energy))]);
    }

    /// <summary>A place to cut at, towards the beginning: n u^2 of n places.</summary>
    private int Cut(int length)
    {
        using Tensor drawn = rand([1], ScalarType.Float64, _context.Generator.device, generator: _context.Generator);
        double uniform = drawn.item<double>();
        return _pinned + (int)(Math.Max(1, length - _pinned) * uniform * uniform);
    }

    private IterationUpdate Take()
    {
        Continuation? found = _search!.Continuations.Where(one => one.Best is not null).MinBy(one => one.Best!.Energy);
        ScoredResponse shown = found?.Best ?? Best;
        double lowered = Consider(shown);
        if (lowered > 0)
        {
            _bestRows?.Dispose();
            _bestRows = found!.TakeBestRows();
            _sampler?.Dispose();
            _sampler = null;
        }

        if (_iteration > 1)
        {
            _rewriting.Note(lowered, Spent - _spentBefore);
        }

        _search.Dispose();
        _search = null;
        return Update(shown);
    }

    private IterationUpdate Substitute()
    {
        _sampler ??= new SubstitutionSampler(
            _context,
            SeaParameters.Default with { RewardWeight = parameters.RewardWeight },
            _context.Rows([(Best.Tokens.ToArray(), Best.EndsWithEos)]));
        ScoredResponse moved = _sampler.Iterate()[0].Row.Response;
        double lowered = Consider(moved);
        if (lowered > 0)
        {
            _bestRows?.Dispose();
            _bestRows = null;
        }

        _substituting.Note(lowered, Spent - _spentBefore);
        return Update(moved);
    }

    /// <summary>Ends an iteration with a response, the best one where its energy is lower.</summary>
    /// <returns>What that lowers the energy by, in nats; 0 where it does not.</returns>
    private double Consider(ScoredResponse response)
    {
        _iteration++;
        double lowered = Best.Energy - response.Energy;
        if (lowered <= parameters.PlateauTolerance)
        {
            return 0;
        }

        _best = (response, _iteration);
        return lowered;
    }

    private IterationUpdate Update(ScoredResponse shown)
    {
        var snapshot = new ChainSnapshot { Chain = 0, Response = shown, ChangedTokens = TokenChanges.Count(_draft!.Tokens, shown.Tokens) };
        return new IterationUpdate(_iteration, parameters.Iterations, [snapshot], Best);
    }
}
