namespace SeaGrpc.Serving.Scheduling;

/// <summary>
/// How fast prompts and drafts were read recently, to detect calls that have too little time. Only the fastest recent pace counts, so a
/// slow or newly started server refuses nobody. Thread-safe.
/// </summary>
internal sealed class ReadingPace(TimeProvider time)
{
    private readonly RecentFigures _secondsPerToken = new(time);

    /// <summary>Records that a draft has been scored.</summary>
    /// <param name="tokens">Positions of the prompt and the draft; above 0.</param>
    /// <param name="duration">Time from the first position to the score.</param>
    public void Add(int tokens, TimeSpan duration) => _secondsPerToken.Add(duration.TotalSeconds / tokens);

    /// <summary>Minimum time for a number of positions, or null if unknown.</summary>
    public TimeSpan? LeastOf(long tokens) =>
        _secondsPerToken.Least is { } seconds ? TimeSpan.FromSeconds(tokens * seconds) : null;
}
