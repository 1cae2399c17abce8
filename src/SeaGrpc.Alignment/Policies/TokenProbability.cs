namespace SeaGrpc.Alignment.Policies;

/// <summary>A token and its log-probability at some position.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="LogProbability">log pi of it, in nats.</param>
public readonly record struct TokenProbability(int Id, float LogProbability);
