using System.Globalization;
using Grpc.Core;

namespace SeaGrpc.Client;

/// <summary>
/// When a call that the server refused is tried again. What the server says (the trailer <c>grpc-retry-pushback-ms</c>, or
/// <c>google.rpc.RetryInfo</c>) is obeyed; UNAVAILABLE without a word is tried after a growing, jittered delay;
/// RESOURCE_EXHAUSTED without a word is not. A stream is tried again only before its first event.
/// </summary>
public sealed record RetryPolicy
{
    private const string Pushback = "grpc-retry-pushback-ms";

    /// <summary>Never tries again.</summary>
    public static RetryPolicy None { get; } = new() { MaxAttempts = 1 };

    /// <summary>Most attempts, the first one included.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>Longest first delay where the server names none; it doubles every time.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest such delay.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait before the next attempt; null where there is none.</summary>
    /// <param name="error">What the last attempt failed with.</param>
    /// <param name="attempt">Its number, from 1.</param>
    /// <param name="deadline">When the call ends.</param>
    internal TimeSpan? Delay(RpcException error, int attempt, DateTime? deadline)
    {
        TimeSpan? delay = attempt < MaxAttempts && error.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted
            ? Wanted(error, attempt)
            : null;
        return attempt < MaxAttempts && delay is { } wait && (deadline is null || DateTime.UtcNow + wait < deadline) ? delay : null;
    }

    private TimeSpan? Wanted(RpcException error, int attempt)
    {
        if (error.Trailers.GetValue(Pushback) is { } pushback)
        {
            return int.TryParse(pushback, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds)
                ? TimeSpan.FromMilliseconds(milliseconds)
                : null;
        }

        if (SeaGrpcException.RetryAfterOf(error) is { } told)
        {
            return told;
        }

        return error.StatusCode == StatusCode.Unavailable
            ? Random.Shared.NextDouble()
                * TimeSpan.FromTicks((long)Math.Min(InitialBackoff.Ticks * Math.Pow(2, attempt - 1), MaxBackoff.Ticks))
            : null;
    }
}
