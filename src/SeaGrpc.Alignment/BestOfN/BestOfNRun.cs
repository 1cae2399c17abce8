using SeaGrpc.Alignment.Decoding;

namespace SeaGrpc.Alignment.BestOfN;

/// <summary>
/// Method <c>best_of_n</c>: samples in batches; each batch that is scored is one iteration. The draft is the caller's, or
/// else the first sample; it competes like any other. A single sample without a rival is ranked by nothing, so that its reward costs nothing.
/// </summary>
internal sealed class BestOfNRun(AlignmentModels models, AlignmentTask task, BestOfNParameters parameters) : IAlignmentRun
{
    /// <summary>Rows decoded side by side.</summary>
    private const int BatchRows = 64;

    private readonly RunContext context = new(models, task, countsRewards: parameters.SampleCount > 1 || task.Draft is not null);
    private readonly int batches = (parameters.SampleCount + BatchRows - 1) / BatchRows;
    private ResponseSampler? sampler;
    private (ScoredResponse Response, int Row)? winner;
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
            return DraftEvent(context.ScoreByReward([context.Draft()])[0]);
        }

        if (winner is not null)
        {
            return FinishBatch();
        }

        sampler ??= new ResponseSampler(context, Math.Min(BatchRows, parameters.SampleCount - batchesDone * BatchRows));
        if (!sampler.IsFinished)
        {
            sampler.Step();
            return null;
        }

        IReadOnlyList<(int[] Tokens, bool Ended)> samples = sampler.Responses();
        sampler.Dispose();
        sampler = null;
        return Rank(samples);
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

    /// <summary>Ranks a batch by reward; only the winner and the draft are reported, so that only theirs is log pi_ref read.</summary>
    private AlignmentUpdate Rank(IReadOnlyList<(int[] Tokens, bool Ended)> samples)
    {
        float[] rewards = context.Rewards(samples);
        int first = Array.IndexOf(rewards, rewards.Max());
        int[] told = draft is null ? [0, first] : [first];
        IReadOnlyList<ScoredResponse> reported = context.Reported([.. told.Select(row => samples[row])], [.. told.Select(row => rewards[row])]);
        winner = (reported[^1], first);
        return draft is null ? DraftEvent(reported[0]) : FinishBatch();
    }

    private DraftUpdate DraftEvent(ScoredResponse response)
    {
        draft = response;
        best = (response, 0, 0);
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    private IterationUpdate FinishBatch()
    {
        (ScoredResponse response, int row) = winner!.Value;
        int sample = batchesDone * BatchRows + row;
        winner = null;
        batchesDone++;
        if (response.Reward > best.Response.Reward)
        {
            best = (response, sample, batchesDone);
        }

        var snapshot = new ChainSnapshot { Chain = sample, Response = response, ChangedTokens = TokenChanges.Count(draft!.Tokens, response.Tokens) };
        return new IterationUpdate(batchesDone, batches, [snapshot], best.Response);
    }
}
