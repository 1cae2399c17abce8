using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>One response that the models read once more, token by token, in a single turn on the model thread.</summary>
internal sealed class ScheduledReading(
    EngineContext context,
    JobClock clock,
    Requests.RequestOrigin origin,
    EncodedPrompt prompt,
    IReadOnlyList<int> response,
    int alternatives,
    double referenceTemperature,
    IReadOnlyList<double>? gradientOf,
    long memoryBytes)
    : ScheduledJob(context, clock, origin.Caller)
{
    private readonly TaskCompletionSource<ReadTokens> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IAlignmentBackend? _backend;
    private ReadTokens? _read;

    public override long MemoryBytes => memoryBytes;

    /// <summary>What was read.</summary>
    public Task<ReadTokens> Completion => _completion.Task;

    protected override string Phase => "read";

    public override void Start(IAlignmentBackend backend) => _backend = backend;

    public override void Advance()
    {
        _read = _backend!.ReadTokens(prompt, response, alternatives, referenceTemperature, gradientOf);
        Clock.EndTurn();
    }

    public override bool TryEnd(bool draining)
    {
        if (IsSettled || _read is not null)
        {
            return true;
        }

        return Clock.IsOver ? throw new AlignmentDeadlineException(Clock.Queued, Clock.Running) : false;
    }

    public override bool IsPointless(bool draining) => IsSettled || Clock.IsOver;

    public override void Release()
    {
        // Holds no tensors: the reading frees its own.
    }

    protected override void TellFinished(StopReason? early) => _completion.SetResult(_read!);

    protected override void TellFailed(Exception failure)
    {
        _completion.SetException(failure);
        _ = _completion.Task.Exception; // If the caller has gone, nobody observes the task.
    }
}
