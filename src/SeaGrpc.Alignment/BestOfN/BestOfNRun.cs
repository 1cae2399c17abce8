using SeaGrpc.Alignment.Decoding;

namespace SeaGrpc.Alignment.BestOfN;

/// <summary>
/// Method <c>best_of_n</c>: samples in batches; each batch that is scored is one iteration. The draft is the caller's, or
/// else the first sample; it competes like any other. A single sample without a rival is ranked by nothing, so that its reward costs
/// nothing.
/// </summary>
internal sealed class BestOfNRun(AlignmentModels models, AlignmentTask task, BestOfNParameters parameters) : IAlignmentRun
{
    /// <summary>Rows decoded side by side.</summary>
    private const int BatchRows = 64;

    private readonly RunContext _context = new(models, task, countsRewards: parameters.SampleCount > 1 || task.Draft is not null);
    private readonly int _batches = (parameters.SampleCount + BatchRows - 1) / BatchRows;
    private ResponseSampler? _sampler;
    private (ScoredResponse Response, int Row)? _winner;
    private ScoredResponse? _draft;
    private (ScoredResponse Response, int Sample, int Iteration) _best;
    private int _batchesDone;

    public bool IsFinished => _batchesDone == _batches;

    public StopReason FinishReason => StopReason.Iterations;

    public bool HasResponse => _draft is not null;

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            _context.Prefill();
            return null;
        }

        if (_draft is null && task.Draft is not null)
        {
            return DraftEvent(_context.ScoreByReward([_context.Draft()])[0]);
        }

        if (_winner is not null)
        {
            return FinishBatch();
        }

        _sampler ??= new ResponseSampler(_context, Math.Min(BatchRows, parameters.SampleCount - _batchesDone * BatchRows));
        if (!_sampler.IsFinished)
        {
            _sampler.Step();
            return null;
        }

        IReadOnlyList<(int[] Tokens, bool Ended)> samples = _sampler.Responses();
        _sampler.Dispose();
        _sampler = null;
        return Rank(samples);
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        ScoredResponse start = _draft ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, _best.Response, start, _best.Sample, _best.Iteration, _batchesDone, _context.Cost.Cost);
    }

    public void Dispose()
    {
        _sampler?.Dispose();
        _context.Dispose();
    }

    /// <summary>Ranks a batch by reward; only the winner and the draft are reported, so that only theirs is log pi_ref read.</summary>
    private AlignmentUpdate Rank(IReadOnlyList<(int[] Tokens, bool Ended)> samples)
    {
        float[] rewards = _context.Rewards(samples);
        int first = Array.IndexOf(rewards, rewards.Max());
        int[] told = _draft is null ? [0, first] : [first];
        IReadOnlyList<ScoredResponse> reported = _context.Reported(
            [.. told.Select(row => samples[row])], [.. told.Select(row => rewards[row])]);
        _winner = (reported[^1], first);
        return _draft is null ? DraftEvent(reported[0]) : FinishBatch();
    }

    private DraftUpdate DraftEvent(ScoredResponse response)
    {
        _draft = response;
        _best = (response, 0, 0);
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    private IterationUpdate FinishBatch()
    {
        (ScoredResponse response, int row) = _winner!.Value;
        int sample = _batchesDone * BatchRows + row;
        _winner = null;
        _batchesDone++;
        if (response.Reward > _best.Response.Reward)
        {
            _best = (response, sample, _batchesDone);
        }

        var snapshot =
            new ChainSnapshot { Chain = sample, Response = response, ChangedTokens = TokenChanges.Count(_draft!.Tokens, response.Tokens) };
        return new IterationUpdate(_batchesDone, _batches, [snapshot], _best.Response);
    }
}
