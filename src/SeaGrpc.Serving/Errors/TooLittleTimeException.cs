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
    /// <param name="own">Minimum time for the request's prompt and draft.</param>
    /// <param name="others">Minimum time for the drafts ahead of it.</param>
    /// <param name="left">Time left.</param>
    /// <param name="tokens">Tokens of the request's prompt and draft.</param>
    public TooLittleTimeException(TimeSpan own, TimeSpan others, TimeSpan left, int tokens)
        : base($"The request leaves {left.TotalSeconds:0.###} s, but reading its prompt and scoring its draft takes at least "
            + $"{own.TotalSeconds:0.###} s at this server's pace{After(others)}; "
            + (
                own > left
                    ? "allow more time, or shorten the prompt or the draft: of their "
                        + $"{tokens} tokens, {Fitting(own, left, tokens)} would fit."
                    : $"allow more time, or try again in {others.TotalSeconds:0.###} s."))
    {
        FittingTokens = Fitting(own, left, tokens);
        Own = own;
        Others = others;
        Left = left;
    }

    /// <summary>Minimum time for the request's own prompt and draft.</summary>
    public TimeSpan Own { get; }

    /// <summary>Minimum time for the drafts ahead of it. If only they leave too little time, retry after this.</summary>
    public TimeSpan Others { get; }

    /// <summary>How many tokens of prompt and draft an idle server has the time for.</summary>
    public int FittingTokens { get; }

    /// <summary>Time left until the deadline.</summary>
    public TimeSpan Left { get; }

    /// <summary>Whether even an idle server has too little time.</summary>
    public bool IsHopeless => Own > Left;

    private static int Fitting(TimeSpan own, TimeSpan left, int tokens) => (int)Math.Min(tokens, tokens * (left / own));

    private static string After(TimeSpan others) =>
        others > TimeSpan.Zero ? $", after {others.TotalSeconds:0.###} s for calls whose deadlines are nearer" : string.Empty;
}
