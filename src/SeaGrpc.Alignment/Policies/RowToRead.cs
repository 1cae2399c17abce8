namespace SeaGrpc.Alignment.Policies;

/// <summary>A row whose tokens a policy reads.</summary>
/// <param name="Ids">Ids of the prompt and of what follows it.</param>
/// <param name="From">The first position that is told of; at least 1, less than the number of ids.</param>
public sealed record RowToRead(IReadOnlyList<int> Ids, int From);
