namespace SeaGrpc.Bench.Iterations;

/// <summary>One case's figures; times are medians, in seconds.</summary>
/// <param name="Case">The case.</param>
/// <param name="Times">Times as they were taken.</param>
/// <param name="OursMemory">Memory of a process with our side alone; null if it was not asked for.</param>
/// <param name="PlainMemory">The same of the plain version.</param>
internal sealed record CaseFigures(IterationCase Case, CaseTimes Times, CaseMemory? OursMemory, CaseMemory? PlainMemory)
{
    /// <summary>An iteration of ours.</summary>
    public double OursSeconds => Median.Of(Times.OursSeconds);

    /// <summary>An iteration of the plain version.</summary>
    public double PlainSeconds =>
        Median.Of([.. Times.PlainMovingSeconds.Zip(Times.PlainScoringSeconds, (moving, scoring) => moving + scoring)]);

    /// <summary>How much faster ours is: the median of the ratios of neighbours in time.</summary>
    public double Speedup =>
        Median.Of([
            .. Times.OursSeconds.Select((ours, index) => (Times.PlainMovingSeconds[index] + Times.PlainScoringSeconds[index]) / ours),
        ]);

    /// <summary>The same, where the plain version leaves the exact energies out, which ours computes.</summary>
    public double SpeedupWithoutPlainScoring =>
        Median.Of([.. Times.OursSeconds.Select((ours, index) => Times.PlainMovingSeconds[index] / ours)]);

    /// <summary>How many times less the process of ours holds at most, above the loaded models.</summary>
    public double? MemoryRatio => OursMemory is null || PlainMemory is null
        ? null
        : (double)(PlainMemory.PeakBytes - PlainMemory.LoadedBytes) / Math.Max(1, OursMemory.PeakBytes - OursMemory.LoadedBytes);

    /// <summary>The same with the models and the program counted.</summary>
    public double? WholeMemoryRatio =>
        OursMemory is null || PlainMemory is null ? null : (double)PlainMemory.PeakBytes / OursMemory.PeakBytes;

    /// <summary>The machine's speed at large matrix products.</summary>
    public double PeakOperationsPerSecond => Times.PeakOperationsPerSecond.Max();

    /// <summary>Share of that speed, necessary operations counted.</summary>
    public double NecessaryShare => Times.NecessaryOperations / OursSeconds / PeakOperationsPerSecond;

    /// <summary>Share of that speed, all operations counted that are done.</summary>
    public double ComputedShare => Times.ComputedOperations / OursSeconds / PeakOperationsPerSecond;
}
