namespace SeaGrpc.Bench.Serving;

/// <summary>What a caller saw of one job, in seconds from its call.</summary>
/// <param name="FirstUpdate">Until the drafts.</param>
/// <param name="Completion">Until the final.</param>
internal sealed record JobTimes(double FirstUpdate, double Completion);
