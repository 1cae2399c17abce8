namespace SeaGrpc.Server.Security;

/// <summary>
/// A caller's tokens per minute. The bucket holds what one minute allows, fills evenly, and is charged when a run has ended, because only
/// then is it known what the run has read. It may go below zero; until it is above again, nothing more is begun. Not thread-safe.
/// </summary>
internal sealed class TokenBucket(TimeProvider time)
{
    /// <summary>The longest wait that is told, in minutes.</summary>
    private const double LongestWait = 24 * 60;

    private double? _level; // null: nothing was charged since there is a limit, so it is full
    private long _at;

    /// <summary>How long until it is above zero; zero if it is.</summary>
    public TimeSpan Wait(long perMinute)
    {
        Fill(perMinute);
        return _level > 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(Math.Min((1 - _level!.Value) / perMinute, LongestWait));
    }

    /// <summary>Takes tokens out.</summary>
    public void Charge(long tokens, long perMinute)
    {
        Fill(perMinute);
        _level -= tokens;
    }

    private void Fill(long perMinute)
    {
        long now = time.GetTimestamp();
        double level = _level is { } before ? before + (time.GetElapsedTime(_at, now).TotalMinutes * perMinute) : perMinute;
        (_level, _at) = (Math.Min(level, perMinute), now);
    }
}
