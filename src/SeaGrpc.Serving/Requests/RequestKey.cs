namespace SeaGrpc.Serving.Requests;

/// <summary>Identifies a request across its caller's retries.</summary>
/// <param name="Id">The caller's idempotency key; not empty.</param>
/// <param name="Fingerprint">Hash of everything that affects the result. The same id with another fingerprint is an error.</param>
public sealed record RequestKey(string Id, string Fingerprint);
