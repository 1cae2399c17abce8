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
    private readonly RunContext context = new(models, task);
    private readonly int total = task.MaxResponseTokens - task.ResponsePrefix.Count;
    private SearchDraft? draft;
    private AnswerSoFar? answer;
    private ArgsSearch? search;
    private int iteration;

    public bool IsFinished { get; private set; }

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => answer is not null;

    public AlignmentUpdate? Advance()
    {
        if (!context.HasPrompt)
        {
            // 1. Prefill.
            if (!context.Prefill())
            {
                return null;
            }

            draft = new SearchDraft(context, parameters.SampleDraft);
            return null;
        }

        if (answer is null)
        {
            // 2. One token of the draft, or its score.
            return draft!.Advance() is { } start ? Begin(start) : null;
        }

        // 3. One token.
        search ??= new ArgsSearch(context, parameters);
        return Iterate();
    }

    public AlignmentOutcome Complete(StopReason reason) =>
        (answer ?? throw new InvalidOperationException("There is no response yet.")).Outcome(reason, iteration, context.Cost.Cost);

    public void Dispose()
    {
        draft?.Dispose();
        search?.Dispose();
        context.Dispose();
    }

    private DraftUpdate Begin(ScoredResponse start)
    {
        answer = new AnswerSoFar(start, draft!.Competes, parameters.PrefixScoring == ArgsPrefixScoring.EosAppended);
        draft.Dispose();
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = start }], start);
    }

    private IterationUpdate Iterate()
    {
        ScoredResponse response = search!.Step();
        iteration++;
        IsFinished = search.IsFinished;
        answer!.SetPart(IsFinished ? null : response, 0, iteration);
        if (IsFinished)
        {
            answer.Offer(response, 0, iteration);
        }

        var snapshot = new ChainSnapshot
        {
            Chain = 0,
            Response = response,
            ChangedTokens = TokenChanges.Count(answer.Draft.Tokens, response.Tokens),
        };
        return new IterationUpdate(iteration, total, [snapshot], answer.Response);
    }
}
