using SeaGrpc.Alignment.EnergySearch.Moves;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Search on SEA's energy (ours), as a state machine: moves from one response to a better one. The next move is the one that lowers the
/// energy most per token read.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for all models.
/// 2. Read the draft with both models: the caller's draft, or a sample of the policy. From here on there is always an answer: the response
///    of the lowest energy that is not much less fluent than the draft. A caller's draft that the policy does not understand is the
///    answer, unchanged. How far the draft's own prefixes lie above it tells what a prefix's energy is worth with this reward.
/// 3. Read the caller's other responses, and those that are known for every prompt, several at a time. The search starts from the response
///    of the lowest energy; a known one counts only if the reward prefers it to the draft.
/// 4. Make moves (<see cref="IMove"/>) until the budget is spent or no move helps: search from the first token, rewrite from cuts, edit
///    spans, substitute tokens. <see cref="MoveChoice"/> selects the next move, and <see cref="Acceptance"/> decides whether the search
///    continues from its proposal.
/// 5. Where no move helps and there is room, start over from another sample (<see cref="Moves.StartOver"/>): 4. again, with new moves.
/// </remarks>
internal sealed class EnergySearchRun(AlignmentModels models, AlignmentTask task, EnergySearchParameters parameters) : IAlignmentRun
{
    /// <summary>Number of responses that are read in one turn.</summary>
    private const int AlternativesAtOnce = 8;

    private readonly RunContext _context = new(models, task);
    private SearchDraft? _drafting;
    private SearchState? _state;
    private MoveChoice? _moves;
    private StartOver? _startOver;
    private Acceptance? _acceptance;
    private ScoredResponse? _draft;
    private long _spentBefore;
    private bool _isMoving;
    private int _read;
    private int _iteration;

    public bool IsFinished => _state is not null && !HasAlternatives && !_isMoving && _moves!.Current is null;

    public StopReason FinishReason => _context.IsDraftForeign ? StopReason.DraftNotUnderstood
        : HasNoRoom || IsOver || _moves!.IsOutOfBudget ? StopReason.Iterations : StopReason.Converged;

    public bool HasResponse => _state is not null;

    public bool IsDraftBeaten { get; private set; }

    /// <summary>Whether there are responses that have not been read, and that the search may start from.</summary>
    private bool HasAlternatives => _read < task.Alternatives.Count + task.KnownResponses.Count && !_context.IsDraftForeign;

    /// <summary>Whether the fixed prefix fills the whole response.</summary>
    private bool HasNoRoom => _state!.Pinned >= task.MaxResponseTokens;

    /// <summary>The best response so far, including that of the search under way, and the iteration that found it.</summary>
    private (ScoredResponse Response, int Iteration) Answer =>
        _isMoving && _moves!.Current!.Search?.Best is { } found && _state!.Best.Response.Energy - found.Energy > parameters.PlateauTolerance
            ? (found, _iteration + 1)
            : _state!.Best;

    /// <summary>Whether no further iteration may begin.</summary>
    private bool IsOver => _iteration > 0 && (_iteration >= parameters.Iterations || _state!.Left <= 0);

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            if (_context.Prefill())
            {
                _context.Prompt.KeepReading();
            }

            return null;
        }

        if (_state is null)
        {
            return Draft();
        }

        if (HasAlternatives)
        {
            ReadAlternatives();
            return null;
        }

        _isMoving = true;
        IMove move = _moves!.Current!;
        int steps = move.Search?.Steps ?? 0;
        return move.Advance(out Proposal? proposal) ? Take(proposal)
            : move.Search is { Leading: { } leading } search && search.Steps > steps ? new ProgressUpdate(Answer.Response, leading)
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
        _moves?.Dispose();
        _startOver?.Dispose();
        _state?.Dispose();
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
        _context.CompareWith(response);
        _state = new SearchState(_context, parameters, response, _drafting.TakeRows());
        _startOver = new StartOver(_state);
        _acceptance = new Acceptance(_state);
        if (!HasAlternatives)
        {
            Choose();
        }

        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    // 3.
    private void ReadAlternatives()
    {
        (IReadOnlyList<int> Ids, bool IsKnown)[] next =
        [
            .. task.Alternatives.Select(ids => (ids, false)).Concat(task.KnownResponses.Select(ids => (ids, true)))
                .Skip(_read).Take(AlternativesAtOnce),
        ];
        _read += next.Length;
        (PrefixRows Rows, ScoredResponse Response)[] read = PrefixRows.Read(_context, [.. next.Select(one => one.Ids)], ended: true);
        foreach ((int index, (PrefixRows rows, ScoredResponse response)) in read.Index())
        {
            IsDraftBeaten |= IsPreferred(response);
            if (response.Energy < _state!.Current.Energy && _context.Floor.Admits(response)
                && (!next[index].IsKnown || IsPreferred(response)))
            {
                _state.MoveTo(response, PrefixRows.Gather([(rows, 0)], response.Tokens.Count), iteration: 0);
            }

            rows.Dispose();
        }

        if (!HasAlternatives)
        {
            Choose();
        }
    }

    /// <summary>
    /// Whether the reward prefers a given response to the draft. One that is only likelier, perhaps because it is short, is no reason to
    /// give up the draft.
    /// </summary>
    private bool IsPreferred(ScoredResponse response)
    {
        double gain = response.Reward - _draft!.Reward;
        return gain > 0 && gain >= task.KnownResponseGain;
    }

    private void Choose()
    {
        _spentBefore = _state!.Spent;
        _moves ??= EnergySearchMoves.Of(_state, _startOver!);
        if (!HasNoRoom && !IsOver && !_context.IsDraftForeign)
        {
            // One iteration is always made.
            _moves!.Choose(_iteration == 0 ? long.MaxValue : _state.Left);
        }
    }

    // 4.
    private IterationUpdate Take(Proposal? proposal)
    {
        _iteration++;
        double before = _state!.Lowest.Energy;
        if (ReferenceEquals(_moves!.Current, _startOver))
        {
            _state.StartOver(proposal, _iteration);
            _moves.Dispose();
            _moves = EnergySearchMoves.Of(_state, _startOver!);
        }
        else if (proposal is not null && _acceptance!.Accepts(proposal))
        {
            _state.MoveTo(proposal.Response, proposal.Rows, _iteration);
        }
        else
        {
            proposal?.Rows?.Dispose();
        }

        if (_moves.Current is not null)
        {
            _moves.End(before - _state.Lowest.Energy, _state.Spent - _spentBefore);
        }

        _isMoving = false;
        Choose();
        ScoredResponse shown =
            parameters.Acceptance == EnergySearchAcceptance.Metropolis ? _state.Current : proposal?.Response ?? _state.Current;
        var snapshot = new ChainSnapshot { Chain = 0, Response = shown, ChangedTokens = TokenChanges.Count(_draft!.Tokens, shown.Tokens) };
        return new IterationUpdate(_iteration, parameters.Iterations, [snapshot], _state.Best.Response);
    }
}
