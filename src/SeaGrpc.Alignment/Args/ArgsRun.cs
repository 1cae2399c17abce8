using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.Args;

/// <summary>
/// Reward-guided search ("ARGS: Alignment as Reward-Guided Search", ICLR 2024, arXiv 2402.01694), as a state machine.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for both models.
/// 2. The draft: the caller's, or a sample of the policy; it competes with the search's answer.
/// 3. One token per iteration (<see cref="ArgsSearch"/>), until EOS or the token limit.
/// Deviations from the public code: the search stops at EOS (the original never does); a prefix is scored as if it ended
/// there unless asked otherwise (the original reads its last token); tokens that a response must not hold are no
/// candidates; there is a draft, which can be left out.
/// </remarks>
internal sealed class ArgsRun(AlignmentModels models, AlignmentTask task, ArgsParameters parameters) : IAlignmentRun
{
    private readonly RunContext _context = new(models, task);
    private readonly int _total = task.MaxResponseTokens - task.ResponsePrefix.Count;
    private SearchDraft? _draft;
    private AnswerSoFar? _answer;
    private ArgsSearch? _search;
    private int _iteration;

    public bool IsFinished { get; private set; }

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => _answer is not null;

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            // 1. Prefill.
            if (!_context.Prefill())
            {
                return null;
            }

            _draft = new SearchDraft(_context, parameters.SampleDraft);
            return null;
        }

        if (_answer is null)
        {
            // 2. One token of the draft, or its score.
            return _draft!.Advance() is { } start ? Begin(start) : null;
        }

        // 3. One token.
        _search ??= new ArgsSearch(_context, parameters);
        return Iterate();
    }

    public AlignmentOutcome Complete(StopReason reason) =>
        (_answer ?? throw new InvalidOperationException("There is no response yet.")).Outcome(reason, _iteration, _context.Cost.Cost);

    public void Dispose()
    {
        _draft?.Dispose();
        _search?.Dispose();
        _context.Dispose();
    }

    private DraftUpdate Begin(ScoredResponse start)
    {
        _answer = new AnswerSoFar(start, _draft!.Competes, parameters.PrefixScoring == ArgsPrefixScoring.EosAppended);
        _draft.Dispose();
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = start }], start);
    }

    private IterationUpdate Iterate()
    {
        ScoredResponse response = _search!.Step();
        _iteration++;
        IsFinished = _search.IsFinished;
        _answer!.SetPart(IsFinished ? null : response, 0, _iteration);
        if (IsFinished)
        {
            _answer.Offer(response, 0, _iteration);
        }

        var snapshot = new ChainSnapshot
        {
            Chain = 0,
            Response = response,
            ChangedTokens = TokenChanges.Count(_answer.Draft.Tokens, response.Tokens),
        };
        return new IterationUpdate(_iteration, _total, [snapshot], _answer.Response);
    }
}
