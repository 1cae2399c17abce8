namespace SeaGrpc.Alignment;

/// <summary>A run whose responses say which stop string ended them.</summary>
/// <param name="run">The run, which cuts its responses.</param>
/// <param name="stops">Knows what was cut.</param>
internal sealed class StoppingRun(IAlignmentRun run, StopStrings stops) : IAlignmentRun
{
    public bool IsFinished => run.IsFinished;

    public StopReason FinishReason => run.FinishReason;

    public bool HasResponse => run.HasResponse;

    public AlignmentUpdate? Advance() => run.Advance() switch
    {
        DraftUpdate draft => new DraftUpdate(Marked(draft.Chains), stops.Marked(draft.Best)),
        IterationUpdate iteration => iteration with { Chains = Marked(iteration.Chains), Best = stops.Marked(iteration.Best) },
        ProgressUpdate progress => progress with { Best = stops.Marked(progress.Best) },
        AlignmentUpdate update => update,
        null => null,
    };

    public AlignmentOutcome Complete(StopReason reason)
    {
        AlignmentOutcome outcome = run.Complete(reason);
        return outcome with { Response = stops.Marked(outcome.Response), Draft = stops.Marked(outcome.Draft) };
    }

    public void Dispose() => run.Dispose();

    private ChainSnapshot[] Marked(IReadOnlyList<ChainSnapshot> chains) =>
        [.. chains.Select(chain => chain with { Response = stops.Marked(chain.Response) })];
}
