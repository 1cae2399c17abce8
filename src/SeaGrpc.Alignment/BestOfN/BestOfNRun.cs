using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.BestOfN;

/// <summary>
/// Method <c>best_of_n</c>: samples in batches; each batch that is scored is one iteration. The draft is the caller's, or
/// else the first sample; it competes like any other.
/// </summary>
internal sealed class BestOfNRun(AlignmentModels models, AlignmentTask task, BestOfNParameters parameters) : IAlignmentRun
{
    /// <summary>Rows decoded side by side.</summary>
    private const int BatchRows = 64;

    private readonly RunContext context = new(models, task);
    private readonly int batches = (parameters.SampleCount + BatchRows - 1) / BatchRows;
    private ResponseSampler? sampler;
    private IReadOnlyList<ScoredRow>? scored;
    private ScoredResponse? draft;
    private (ScoredResponse Response, int Sample, int Iteration) best;
    private int batchesDone;

    public bool IsFinished => batchesDone == batches;

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => draft is not null;

    public AlignmentUpdate? Advance()
    {
        if (!context.HasPrompt)
        {
            context.Prefill();
            return null;
        }

        if (draft is null && task.Draft is not null)
        {
            return DraftEvent(context.ScoreDraft());
        }

        if (scored is not null)
        {
            return FinishBatch();
        }

        sampler ??= new ResponseSampler(context, Math.Min(BatchRows, parameters.SampleCount - batchesDone * BatchRows));
        if (!sampler.IsFinished)
        {
            sampler.Step();
            return null;
        }

        scored = context.Score(sampler.Responses());
        sampler.Dispose();
        sampler = null;
        return draft is null ? DraftEvent(scored[0].Response) : FinishBatch();
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        ScoredResponse start = draft ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, best.Response, start, best.Sample, best.Iteration, batchesDone, context.Cost.Cost);
    }

    public void Dispose()
    {
        sampler?.Dispose();
        context.Dispose();
    }

    private DraftUpdate DraftEvent(ScoredResponse response)
    {
        draft = response;
        best = (response, 0, 0);
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    private IterationUpdate FinishBatch()
    {
        int first = batchesDone * BatchRows;
        int winner = Enumerable.Range(0, scored!.Count).MaxBy(row => scored[row].Response.Reward);
        batchesDone++;
        if (scored[winner].Response.Reward > best.Response.Reward)
        {
            best = (scored[winner].Response, first + winner, batchesDone);
        }

        var snapshot = new ChainSnapshot
        {
            Chain = first + winner,
            Response = scored[winner].Response,
            ChangedTokens = TokenChanges.Count(draft!.Tokens, scored[winner].Response.Tokens),
        };
        scored = null;
        return new IterationUpdate(batchesDone, batches, [snapshot], best.Response);
    }
}
