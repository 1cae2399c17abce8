using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Scores the callers' drafts of jobs that wait and may see their deadlines before their turn: each then has a scored answer when
/// its time is up. The most urgent come first. Model thread.
/// </summary>
internal sealed class PressedDrafts(IAlignmentBackend backend, EngineContext context)
{
    /// <summary>How much sooner than expected a job's turn has to be for its draft to be left to it.</summary>
    private const int Safety = 2;

    private static readonly TimeSpan Near = TimeSpan.FromSeconds(1);

    /// <summary>Whether there is one to score.</summary>
    public bool IsAny => MayBeLate().Any();

    /// <summary>
    /// Scores some: as many as one turn scores pairs of a Score request, and as many token positions as a turn has, at least one draft with
    /// its prompt.
    /// </summary>
    /// <exception cref="DeviceLostException">No job can run any more.</exception>
    public void Score()
    {
        long most = Math.Min(context.Options.MaxTurnTokens, context.Options.MaxBatchTokens);
        long tokens = 0;
        foreach (ScheduledJob job in MayBeLate().OrderBy(job => job.Due).Take(context.Options.ScoreBatchSize))
        {
            if (tokens > 0 && tokens + job.UnreadTokens > most)
            {
                return;
            }

            tokens += job.UnreadTokens;
            Score(job);
        }
    }

    private IEnumerable<ScheduledJob> MayBeLate()
    {
        TimeSpan place = context.RunTimes.RetryAfter;
        return context.Admission.Waiting.Where((job, ahead) => job.IsPressed && job.Left <= Near + (Safety * (ahead + 1) * place));
    }

    private void Score(ScheduledJob job)
    {
        try
        {
            job.ScoreDraft(backend);
        }
        catch (Exception thrown)
        {
            Exception failure = DeviceErrors.Translate(thrown);
            if (job.TryFail(failure is DeviceLostException ? new EngineUnavailableException(EngineState.Failed, failure) : failure))
            {
                context.Logger.JobFailed(failure);
            }

            if (failure is DeviceLostException)
            {
                throw failure;
            }
        }
    }
}
