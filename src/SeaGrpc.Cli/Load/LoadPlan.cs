namespace SeaGrpc.Cli.Load;

/// <summary>How much is asked for.</summary>
/// <param name="Concurrency">Maximum number of calls at once.</param>
/// <param name="Rate">Calls per second, however fast the server is; null: a call starts when another has ended.</param>
/// <param name="Duration">How long calls are started.</param>
/// <param name="Deadline">Deadline of every call, from when it was due; null for none.</param>
internal sealed record LoadPlan(int Concurrency, double? Rate, TimeSpan Duration, TimeSpan? Deadline = null);
