namespace SeaGrpc.Serving.Errors;

/// <summary>
/// A request leaves less time than it takes to read its prompt and score its draft. It is refused at once rather than at its deadline.
/// </summary>
public sealed class TooLittleTimeException : Exception
{
    /// <summary>
    /// Creates the exception from three times: what the request needs at the recent pace, what the drafts ahead of it need, and what is
    /// left.
    /// </summary>
    public TooLittleTimeException(TimeSpan own, TimeSpan others, TimeSpan left)
        : base($"The request leaves {left.TotalSeconds:0.###} s, but reading its prompt and scoring its draft takes at least "
            + $"{own.TotalSeconds:0.###} s at this server's pace{After(others)}; "
            + (
                own > left
                    ? "allow more time, or shorten the prompt or the draft."
                    : $"allow more time, or try again in {others.TotalSeconds:0.###} s."))
    {
        Own = own;
        Others = others;
        Left = left;
    }

    /// <summary>Minimum time for the request's own prompt and draft.</summary>
    public TimeSpan Own { get; }

    /// <summary>Minimum time for the drafts ahead of it. If only they leave too little time, retry after this.</summary>
    public TimeSpan Others { get; }

    /// <summary>Time left until the deadline.</summary>
    public TimeSpan Left { get; }

    /// <summary>Whether even an idle server has too little time.</summary>
    public bool IsHopeless => Own > Left;

    private static string After(TimeSpan others) =>
        others > TimeSpan.Zero ? $", after {others.TotalSeconds:0.###} s for calls whose deadlines are nearer" : string.Empty;
}
