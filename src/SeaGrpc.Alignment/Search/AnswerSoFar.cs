namespace SeaGrpc.Alignment.Search;

/// <summary>
/// The current answer of a left-to-right search: the complete response of the highest reward, including the draft if it competes. An
/// incomplete response competes if its reward is that of a response ending there. Otherwise it is the answer only if there is no complete
/// response.
/// </summary>
internal sealed class AnswerSoFar
{
    private readonly FluencyFloor _floor;
    private readonly bool _partsCompete;
    private (ScoredResponse Response, int Candidate, int Iteration)? _whole;
    private (ScoredResponse Response, int Candidate, int Iteration)? _part;

    /// <summary>Starts with the draft.</summary>
    /// <param name="draft">The response that the answer is compared with.</param>
    /// <param name="floor">How fluent the answer must be.</param>
    /// <param name="draftCompetes">Whether the draft can be the answer.</param>
    /// <param name="partsCompete">Whether the reward of an incomplete response is comparable with that of a complete one.</param>
    public AnswerSoFar(ScoredResponse draft, FluencyFloor floor, bool draftCompetes, bool partsCompete)
    {
        _floor = floor;
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

    /// <summary>Adds a complete response, which the floor may not admit.</summary>
    public void Offer(ScoredResponse response, int candidate, int iteration)
    {
        if (_floor.Admits(response) && (_whole is not { } best || response.Reward > best.Response.Reward))
        {
            _whole = (response, candidate, iteration);
        }
    }

    /// <summary>Sets the best incomplete response; null if all are complete. The floor may not admit it.</summary>
    public void SetPart(ScoredResponse? response, int candidate, int iteration) =>
        _part = response is not null && _floor.Admits(response) ? (response, candidate, iteration) : null;

    /// <summary>The outcome if the search ends now.</summary>
    public AlignmentOutcome Outcome(StopReason reason, int iterationsRun, AlignmentCost cost) =>
        new(reason, Best.Response, Draft, Best.Candidate, Best.Iteration, iterationsRun, cost);
}
