namespace SeaGrpc.Serving.Requests;

/// <summary>Who sent a request, and under which key. Keys of different callers never collide.</summary>
/// <param name="Caller">Identifies the caller; empty for all callers without a name.</param>
/// <param name="Key">Identifies the request across the caller's retries, or null.</param>
internal sealed record RequestOrigin(string Caller, RequestKey? Key)
{
    /// <summary>The caller's name for the request, or null if it has no key.</summary>
    public RequestName? Name => Key is null ? null : new RequestName(Caller, Key.Id);
}

/// <summary>A request id, which is unique per caller.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="RequestId">Its idempotency key.</param>
internal readonly record struct RequestName(string Caller, string RequestId);
