namespace SeaGrpc.Serving.Requests;

/// <summary>Names a request across its caller's retries.</summary>
/// <param name="Id">The caller's idempotency key; not empty.</param>
/// <param name="Fingerprint">A hash of all that the request asks for: the same id with another fingerprint is an error.</param>
public sealed record RequestKey(string Id, string Fingerprint);
