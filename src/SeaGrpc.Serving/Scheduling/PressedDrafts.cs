using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Observability;

namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// Scores the callers' drafts of waiting jobs whose deadlines may pass before their turn, so that each has a scored answer when its time is
/// up. The most urgent come first. Runs on the model thread, so not with rewards that have to be asked outside the process: the thread
/// would wait for them.
/// </summary>
internal sealed class PressedDrafts(IAlignmentBackend backend, EngineContext context)
{
    /// <summary>A draft is scored early unless its deadline is further away than this many times the expected wait.</summary>
    private const int Safety = 2;

    private static readonly TimeSpan Near = TimeSpan.FromSeconds(1);

    /// <summary>Whether there is a draft to score.</summary>
    public bool IsAny => MayBeLate().Any();

    /// <summary>
    /// Scores some of them: at most as many drafts as one turn scores pairs of a Score request, and as many token positions as fit in a
    /// turn, but at least one draft with its prompt.
    /// </summary>
    /// <exception cref="DeviceLostException">The device is lost. No job can run any more.</exception>
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
        if (backend.AsksOutside)
        {
            return [];
        }

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
                using CallCorrelation correlation = job.Correlate();
                context.Logger.JobFailed(failure);
            }

            if (failure is DeviceLostException)
            {
                throw failure;
            }
        }
    }
}
