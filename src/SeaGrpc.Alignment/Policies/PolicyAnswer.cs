namespace SeaGrpc.Alignment.Policies;

/// <summary>A policy's answer to one batch.</summary>
/// <typeparam name="T">What it says of a row.</typeparam>
/// <param name="Rows">What it says of each row.</param>
/// <param name="Tokens">What it has read and drawn for the batch.</param>
public sealed record PolicyAnswer<T>(IReadOnlyList<T> Rows, PolicyTokens Tokens);
