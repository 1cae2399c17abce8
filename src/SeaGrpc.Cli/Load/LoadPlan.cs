namespace SeaGrpc.Cli.Load;

/// <summary>How much is asked for.</summary>
/// <param name="Concurrency">Maximum number of calls at once.</param>
/// <param name="Rate">Calls a second, whatever the server does; null: the next call when one has ended.</param>
/// <param name="Duration">How long calls are started.</param>
internal sealed record LoadPlan(int Concurrency, double? Rate, TimeSpan Duration);
