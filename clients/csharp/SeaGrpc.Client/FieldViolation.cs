namespace SeaGrpc.Client;

/// <summary>What is wrong with one field of a request.</summary>
/// <param name="Field">Its path: <c>spec.sea.chains</c>.</param>
/// <param name="Description">What is wrong, in words.</param>
/// <param name="Reason">What is wrong, in one word: <c>OUT_OF_RANGE</c>.</param>
public sealed record FieldViolation(string Field, string Description, string Reason);
