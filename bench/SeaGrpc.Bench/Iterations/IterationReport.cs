using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Iterations;

/// <summary>The cases as a table.</summary>
internal static class IterationReport
{
    private const double Mebibyte = 1 << 20;

    private static readonly string[] Heads =
    [
        "shape", "dtype", "method", "prompt", "positions", "ours s", "plain s", "faster", "unscored", "ours MiB", "estimated MiB",
        "plain MiB", "less", "whole less", "GFLOP/s peak", "needed %", "done %",
    ];

    public static string Of(IReadOnlyList<CaseFigures> cases, int threads, BenchClock clock) => string.Join('\n', [
        BenchJson.MachineLine(),
        $"settings {(threads == 0 ? "one thread per core" : $"{threads} threads")}, {clock} time; medians of "
            + $"{cases.Min(row => row.Times.OursSeconds.Length)} iterations or more, the sides taking turns",
        "",
        TextTable.Of(Heads, cases.Select(Row)),
        "",
        "faster: plain / ours. unscored: the same where the plain version leaves out the exact energies that ours computes (paper: neither "
            + "needs passes of their own for them).",
        "MiB: peak memory above the loaded models, in a process of its own; estimated: what a server with a memory budget estimates for a "
            + "job; less: plain / ours; whole less: models and program counted.",
        "needed %, done %: share of the matrix-product peak, counting the operations that are necessary and those that are done.",
    ]);

    private static string[] Row(CaseFigures row) =>
    [
        row.Case.Shape,
        row.Case.Dtype == ModelDtype.BFloat16 ? "bf16" : "fp32",
        row.Case.Method,
        TextTable.Cell(row.Case.PromptTokens, "0"),
        TextTable.Cell(row.Case.Positions, "0"),
        TextTable.Cell(row.OursSeconds, "0.000"),
        TextTable.Cell(row.PlainSeconds, "0.000"),
        TextTable.Cell(row.Speedup, "0.00"),
        TextTable.Cell(row.SpeedupWithoutPlainScoring, "0.00"),
        Above(row.OursMemory),
        row.OursMemory is null ? "-" : TextTable.Cell(row.OursMemory.EstimatedBytes / Mebibyte, "0"),
        Above(row.PlainMemory),
        TextTable.Cell(row.MemoryRatio ?? double.NaN, "0.0"),
        TextTable.Cell(row.WholeMemoryRatio ?? double.NaN, "0.0"),
        TextTable.Cell(row.PeakOperationsPerSecond / 1e9, "0"),
        TextTable.Cell(100 * row.NecessaryShare, "0"),
        TextTable.Cell(100 * row.ComputedShare, "0"),
    ];

    private static string Above(CaseMemory? memory) =>
        memory is null ? "-" : TextTable.Cell((memory.PeakBytes - memory.LoadedBytes) / Mebibyte, "0");
}
