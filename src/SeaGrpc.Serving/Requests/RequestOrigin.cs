namespace SeaGrpc.Serving.Requests;

/// <summary>Who sent a request, and under which key. Keys of different callers never meet.</summary>
/// <param name="Caller">Names the caller; empty is everyone who has no name.</param>
/// <param name="Key">Names the request across the caller's retries, or null.</param>
internal sealed record RequestOrigin(string Caller, RequestKey? Key)
{
    /// <summary>The caller's name for the request, or null if it has no key.</summary>
    public RequestName? Name => Key is null ? null : new RequestName(Caller, Key.Id);
}

/// <summary>A request id among those of its caller.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="RequestId">Its idempotency key.</param>
internal readonly record struct RequestName(string Caller, string RequestId);
