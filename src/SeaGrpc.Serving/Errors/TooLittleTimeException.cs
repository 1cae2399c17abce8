namespace SeaGrpc.Serving.Errors;

/// <summary>A request leaves less time than reading its prompt and scoring its draft takes: refused at once, not at its deadline.</summary>
public sealed class TooLittleTimeException : Exception
{
    /// <summary>With what it needs at the pace of late, what comes before it, and what it leaves.</summary>
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

    /// <summary>The least that it takes by itself.</summary>
    public TimeSpan Own { get; }

    /// <summary>The least that the drafts before it take: when to try again, where it is only for them that there is no time.</summary>
    public TimeSpan Others { get; }

    /// <summary>The time that it leaves.</summary>
    public TimeSpan Left { get; }

    /// <summary>Whether it has too little time even on an idle server.</summary>
    public bool IsHopeless => Own > Left;

    private static string After(TimeSpan others) =>
        others > TimeSpan.Zero ? $", after {others.TotalSeconds:0.###} s for calls whose deadlines are nearer" : string.Empty;
}
