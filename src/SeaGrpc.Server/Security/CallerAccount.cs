using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Security;

/// <summary>What a caller of the operator's file may do, and what it is using. Outlives changes of the file. Thread-safe.</summary>
internal sealed class CallerAccount(CallerRule rule, TimeProvider time)
{
    /// <summary>Nothing is known of when a call of the caller's own ends.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TokenBucket _tokens = new(time);
    private volatile CallerRule _rule = rule;
    private int _active;

    /// <summary>What the file says now.</summary>
    public CallerRule Rule
    {
        get => _rule;
        set => _rule = value;
    }

    /// <summary>Begins an alignment or a score.</summary>
    /// <exception cref="Grpc.Core.RpcException">The caller has too many, or has used its tokens: RESOURCE_EXHAUSTED.</exception>
    public void Enter()
    {
        CallerRule now = _rule;
        lock (_gate)
        {
            if (now.MaxConcurrentCalls is { } most && _active >= most)
            {
                throw ErrorMapping.TooManyCalls(now.Name, most, RetryAfter);
            }

            if (now.TokensPerMinute is { } perMinute && _tokens.Wait(perMinute) is var wait && wait > TimeSpan.Zero)
            {
                throw ErrorMapping.TokensUsed(now.Name, perMinute, wait);
            }

            _active++;
        }
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    /// <param name="tokens">What the models have read for it.</param>
    public void Leave(long tokens)
    {
        lock (_gate)
        {
            _active--;
            if (_rule.TokensPerMinute is { } perMinute)
            {
                _tokens.Charge(tokens, perMinute);
            }
        }
    }
}
