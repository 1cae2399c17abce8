namespace SeaGrpc.Bench.Iterations;

/// <summary>The times that the measuring process of a case reports, in the order in which they were taken.</summary>
/// <param name="OursSeconds">Whole iterations of ours.</param>
/// <param name="PlainMovingSeconds">Gradient and step of the plain version, each right after the iteration of ours.</param>
/// <param name="PlainScoringSeconds">Its exact energies.</param>
/// <param name="PeakOperationsPerSecond">Large matrix products, measured between the iterations.</param>
/// <param name="NecessaryOperations">Operations that an iteration needs.</param>
/// <param name="ComputedOperations">Operations that ours does.</param>
internal sealed record CaseTimes(
    double[] OursSeconds,
    double[] PlainMovingSeconds,
    double[] PlainScoringSeconds,
    double[] PeakOperationsPerSecond,
    double NecessaryOperations,
    double ComputedOperations);

/// <summary>What the process that runs only one side reports.</summary>
/// <param name="LoadedBytes">Held after both models were loaded.</param>
/// <param name="PeakBytes">Peak memory from then on.</param>
/// <param name="EstimatedBytes">Admission's estimate of what one of our jobs holds above the models.</param>
internal sealed record CaseMemory(long LoadedBytes, long PeakBytes, long EstimatedBytes);
