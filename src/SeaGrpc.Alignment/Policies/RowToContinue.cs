namespace SeaGrpc.Alignment.Policies;

/// <summary>A row that a policy continues.</summary>
/// <param name="Ids">Ids of the prompt and of what follows it so far; at least one.</param>
/// <param name="Seed">Seed of its random numbers. Equal rows with equal seeds may have equal continuations.</param>
public sealed record RowToContinue(IReadOnlyList<int> Ids, ulong Seed);
