namespace SeaGrpc.Serving.Errors;

/// <summary>
/// A request without a draft has a deadline that will probably pass before it has any answer, because of the requests ahead of it. It is
/// refused at once rather than at its deadline.
/// </summary>
public sealed class QueueTooLongException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="wait">Expected time until the request starts.</param>
    /// <param name="answer">Time from a start to a first answer that nine in ten recent requests needed at most.</param>
    /// <param name="left">Time left until the deadline.</param>
    public QueueTooLongException(TimeSpan wait, TimeSpan answer, TimeSpan left)
        : base($"The request leaves {left.TotalSeconds:0.###} s, but at this server's pace it would wait {wait.TotalSeconds:0.###} s for "
            + $"other requests, and a first answer would take up to {answer.TotalSeconds:0.###} s; allow "
            + $"{(wait + answer).TotalSeconds:0.###} s, send a draft_response, or try again later.")
    {
        Needed = wait + answer;
        RetryAfter = Needed - left;
    }

    /// <summary>Time within which the request would probably have an answer.</summary>
    public TimeSpan Needed { get; }

    /// <summary>When the wait has probably become short enough.</summary>
    public TimeSpan RetryAfter { get; }
}
