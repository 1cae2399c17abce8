namespace SeaGrpc.Alignment.Search;

/// <summary>
/// What a left-to-right search would answer with now: the whole response of the highest reward, the draft among them where
/// it competes. A part competes where its reward is that of a response that ends there; otherwise it answers only where
/// there is nothing whole.
/// </summary>
internal sealed class AnswerSoFar
{
    private readonly bool _partsCompete;
    private (ScoredResponse Response, int Candidate, int Iteration)? _whole;
    private (ScoredResponse Response, int Candidate, int Iteration)? _part;

    /// <summary>Starts with the draft.</summary>
    /// <param name="draft">What the answer is compared with.</param>
    /// <param name="draftCompetes">Whether it can be the answer.</param>
    /// <param name="partsCompete">Whether a part's reward can be compared with a whole response's.</param>
    public AnswerSoFar(ScoredResponse draft, bool draftCompetes, bool partsCompete)
    {
        Draft = draft;
        _partsCompete = partsCompete;
        _whole = draftCompetes ? (draft, 0, 0) : null;
    }

    public ScoredResponse Draft { get; }

    public ScoredResponse Response => Best.Response;

    private (ScoredResponse Response, int Candidate, int Iteration) Best =>
        _whole is not { } complete ? _part ?? (Draft, 0, 0)
        : _part is { } partial && _partsCompete && partial.Response.Reward > complete.Response.Reward ? partial
        : complete;

    /// <summary>A response has ended.</summary>
    public void Offer(ScoredResponse response, int candidate, int iteration)
    {
        if (_whole is not { } best || response.Reward > best.Response.Reward)
        {
            _whole = (response, candidate, iteration);
        }
    }

    /// <summary>The best response that has not ended; null where all have.</summary>
    public void SetPart(ScoredResponse? response, int candidate, int iteration) =>
        _part = response is null ? null : (response, candidate, iteration);

    /// <summary>The outcome, were the search to end now.</summary>
    public AlignmentOutcome Outcome(StopReason reason, int iterationsRun, AlignmentCost cost) =>
        new(reason, Best.Response, Draft, Best.Candidate, Best.Iteration, iterationsRun, cost);
}
