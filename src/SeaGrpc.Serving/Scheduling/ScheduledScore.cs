using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// One Score request on the model thread. Each turn scores one batch of its pairs, so that alignments continue in between.
/// </summary>
internal sealed class ScheduledScore(
    EngineContext context,
    JobClock clock,
    Requests.RequestOrigin origin,
    IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
    double rewardWeight,
    IReadOnlyList<double>? mixtureWeights,
    long memoryBytes)
    : ScheduledJob(context, clock, origin.Caller)
{
    private readonly TaskCompletionSource<IReadOnlyList<ScoredResponse>> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly List<ScoredResponse> _scores = [];
    private IAlignmentBackend? _backend;

    public override long MemoryBytes => memoryBytes;

    /// <summary>One score per pair.</summary>
    public Task<IReadOnlyList<ScoredResponse>> Completion => _completion.Task;

    protected override string Phase => "score";

    public override void Start(IAlignmentBackend backend) => _backend = backend;

    public override void Advance()
    {
        int count = Math.Min(Context.Options.ScoreBatchSize, pairs.Count - _scores.Count);
        _scores.AddRange(_backend!.Score([.. pairs.Skip(_scores.Count).Take(count)], rewardWeight, mixtureWeights));
        Clock.EndTurn();
    }

    public override bool TryEnd(bool draining)
    {
        if (IsSettled || _scores.Count == pairs.Count)
        {
            return true;
        }

        return Clock.IsOver ? throw new AlignmentDeadlineException(Clock.Queued, Clock.Running) : false;
    }

    public override bool IsPointless(bool draining) => IsSettled || Clock.IsOver;

    public override void Release()
    {
        // Holds no tensors: each batch frees its own.
    }

    protected override void TellFinished(StopReason? early)
    {
        Context.RunTimes.Add(Clock.Running);
        Context.Requests.Forget(null, origin);
        Context.Metrics.CountPairs(_scores.Count);
        _completion.SetResult(_scores);
    }

    protected override void TellFailed(Exception failure)
    {
        Context.Requests.Forget(null, origin);
        _completion.SetException(failure);
        _ = _completion.Task.Exception; // If the caller has gone, nobody observes the task.
    }
}
