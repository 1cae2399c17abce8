using Microsoft.Extensions.Logging;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Serving.Observability;

/// <summary>The engine's log messages.</summary>
internal static partial class EngineLog
{
    /// <summary>
    /// Logs a failed job. Deadlines, cancellations by the caller and failures of a reward or policy outside the process are one debug line;
    /// other failures are logged in full.
    /// </summary>
    public static void JobFailed(this ILogger logger, Exception exception)
    {
        if (exception is AlignmentDeadlineException or OperationCanceledException or EngineUnavailableException or QueueTimeoutException
            or RewardFailedException or PolicyFailedException)
        {
            logger.JobEnded(exception.Message);
        }
        else
        {
            logger.JobBroke(exception);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "A job ended without an answer.")]
    private static partial void JobBroke(this ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Debug, "A job ended without an answer: {Reason}")]
    private static partial void JobEnded(this ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Error, "A job's tensors could not be freed.")]
    public static partial void ReleaseFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "The models could not be loaded.")]
    public static partial void LoadFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Critical, "The device was lost; all jobs failed and the server must be restarted.")]
    public static partial void DeviceLost(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Critical, "The model thread failed; all jobs failed and the server must be restarted.")]
    public static partial void ModelThreadFailed(this ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Draining: {Dropped} waiting jobs dropped, {Running} running jobs have {Budget} to end.")]
    public static partial void Draining(this ILogger logger, int dropped, int running, TimeSpan budget);

    [LoggerMessage(7, LogLevel.Warning, "The drain budget is over: {Running} jobs that were still running were ended.")]
    public static partial void DrainBudgetOver(this ILogger logger, int running);

    [LoggerMessage(8, LogLevel.Error, "The model thread did not end; its models are left to the end of the process.")]
    public static partial void ModelThreadHangs(this ILogger logger);

    [LoggerMessage(10, LogLevel.Warning, "Alignment {Id} ends with its best answer so far: {Failure}")]
    public static partial void EndedEarly(this ILogger logger, string id, string failure);
}
