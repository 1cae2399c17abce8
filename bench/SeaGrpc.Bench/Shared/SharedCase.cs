namespace SeaGrpc.Bench.Shared;

/// <summary>Two answers of one pair of models.</summary>
/// <param name="DraftSeconds">Time of the answer that begins with a caller's draft.</param>
/// <param name="SampleSeconds">Time of the answer that begins with a sample of the policy.</param>
/// <param name="LoadedBytes">Memory that loading has added to the process, that of all sides in it.</param>
/// <param name="PeakBytes">The peak during both answers, above the process before loading.</param>
/// <param name="DraftEnergy">Energy of the first answer, in nats.</param>
/// <param name="SampleEnergy">Energy of the second answer, in nats.</param>
/// <param name="DraftTokens">Tokens that the first answer is charged for.</param>
/// <param name="SampleTokens">Tokens that the second answer is charged for.</param>
internal sealed record SharedCase(
    double DraftSeconds, double SampleSeconds, long LoadedBytes, long PeakBytes, double DraftEnergy, double SampleEnergy, long DraftTokens,
    long SampleTokens);
