namespace SeaGrpc.Alignment.Search;

/// <summary>
/// A left-to-right search that answers with the response of the highest reward, as a state machine: best-of-N, reward-guided search and
/// chunk beam search.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for all models.
/// 2. The draft: the caller's, a sample of the policy, or the first candidate. It competes with the search's answer.
/// 3. Search (<see cref="PrefixSearch"/>). Each step is an iteration.
/// </remarks>
internal sealed class SearchRun(AlignmentModels models, AlignmentTask task, SearchPlan plan) : IAlignmentRun
{
    // A single sample without a competitor is not ranked, so its reward is not charged.
    private readonly RunContext _context = new(models, task, countsRewards: plan.Samples != 1 || task.Draft is not null);
    private SearchDraft? _draft;
    private AnswerSoFar? _answer;
    private PrefixRows? _start;
    private PrefixSearch? _search;
    private int _done;
    private int _iteration;

    public bool IsFinished =>
        _context.IsDraftForeign || (_search is { IsFinished: true } && Reported && _done + Batch >= plan.Samples);

    public StopReason FinishReason => _context.IsDraftForeign ? StopReason.DraftNotUnderstood : StopReason.Iterations;

    public bool HasResponse => _answer is not null;

    private Continuation Continuation => _search!.Continuations[0];

    /// <summary>Whether the last step has been reported.</summary>
    private bool Reported { get; set; } = true;

    /// <summary>Number of samples in this round.</summary>
    private int Batch => plan.Round(_done).SamplesPerBeam;

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            // 1. Prefill.
            if (_context.Prefill() && (task.Draft is not null || !plan.FirstIsDraft))
            {
                _draft = new SearchDraft(_context, plan.SampleDraft, reportsEnergy: true);
            }

            return null;
        }

        if (_draft is not null)
        {
            // 2. One token of the draft, or its score.
            return _draft.Advance() is { } start ? Begin(start) : null;
        }

        // 3. One piece of the search.
        if (Reported)
        {
            _search ??= Search();
            int steps = _search.Steps;
            _search.Advance();
            Reported = _search.Steps == steps;
            if (_answer is null)
            {
                return Continuation.First is { } first ? Begin(first) : null;
            }
        }

        return Reported ? null : Report();
    }

    public AlignmentOutcome Complete(StopReason reason) =>
        (_answer ?? throw new InvalidOperationException("There is no response yet.")).Outcome(reason, _iteration, _context.Cost.Cost);

    public void Dispose()
    {
        _draft?.Dispose();
        _search?.Dispose();
        _start?.Dispose();
        _context.Dispose();
    }

    private DraftUpdate Begin(ScoredResponse start)
    {
        bool competes = _draft?.Competes ?? true;
        if (competes)
        {
            _context.CompareWith(start);
        }

        _answer = new AnswerSoFar(start, _context.Floor, competes, plan.Shape.Scoring == BeamPrefixScoring.EosAppended);
        _draft?.Dispose();
        _draft = null;
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = start }], start);
    }

    private PrefixSearch Search()
    {
        _start ??= PrefixRows.Start(_context, task.ResponsePrefix);
        return new PrefixSearch(
            _context, plan.Round(_done), [new Continuation(PrefixRows.Gather([(_start, 0)]), keepsRows: false)]);
    }

    private IterationUpdate Report()
    {
        _iteration++;
        Reported = true;
        IReadOnlyList<Survivor> survivors = Continuation.Survivors;
        foreach ((ScoredResponse response, int candidate) in plan.OnlyChosen
            ? survivors.Where(survivor => survivor.IsWhole).Select(survivor => (survivor.Response, 0))
            : Continuation.Ended)
        {
            _answer!.Offer(response, _done + candidate, _iteration);
        }

        Survivor? part = survivors.FirstOrDefault(survivor => !survivor.IsWhole);
        _answer!.SetPart(part?.Response, plan.OnlyChosen ? 0 : part?.Candidate ?? 0, _iteration);
        var update = new IterationUpdate(_iteration, plan.Iterations, [.. survivors.Select(Snapshot)], _answer.Response)
        {
            Leading = part?.Response,
        };
        if (_search!.IsFinished && _done + Batch < plan.Samples)
        {
            _done += Batch;
            _search.Dispose();
            _search = null;
        }

        return update;
    }

    private ChainSnapshot Snapshot(Survivor survivor, int rank) => new()
    {
        Chain = plan.Samples > 0 ? _done + survivor.Candidate : rank,
        Response = survivor.Response,
        ChangedTokens = TokenChanges.Count(_answer!.Draft.Tokens, survivor.Response.Tokens),
    };
}
