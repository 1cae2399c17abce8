namespace SeaGrpc.Alignment;

/// <summary>
/// A run whose answer is the caller's draft, unchanged, until the best response's reward exceeds the draft's by enough. The search itself
/// goes on from whatever it finds.
/// </summary>
/// <param name="run">The run, which has a caller's draft.</param>
/// <param name="task">Says how much is enough.</param>
internal sealed class DraftKeepingRun(IAlignmentRun run, AlignmentTask task) : IAlignmentRun
{
    private ScoredResponse? _draft;

    public bool IsFinished => run.IsFinished;

    public StopReason FinishReason => run.FinishReason;

    public bool HasResponse => run.HasResponse;

    public bool IsDraftBeaten => run.IsDraftBeaten;

    private double Gain => IsDraftBeaten ? task.BeatenDraftGain ?? task.MinRewardGain : task.MinRewardGain;

    public AlignmentUpdate? Advance()
    {
        AlignmentUpdate? update = run.Advance();
        switch (update)
        {
            case DraftUpdate draft:
                _draft = draft.Best;
                return update;
            case IterationUpdate iteration:
                return iteration with { Best = Answer(iteration.Best) };
            case ProgressUpdate progress:
                return progress with { Best = Answer(progress.Best) };
            default:
                return update;
        }
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        AlignmentOutcome outcome = run.Complete(reason);
        _draft ??= outcome.Draft;
        return Suffices(outcome.Response) ? outcome : outcome with { Response = _draft, Chain = 0, Iteration = 0 };
    }

    public void Dispose() => run.Dispose();

    private ScoredResponse Answer(ScoredResponse best) => Suffices(best) ? best : _draft!;

    private bool Suffices(ScoredResponse best) => best.Reward - _draft!.Reward >= Gain;
}
