using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>Shows the progress of a run. Rows that fail are reported at once, on standard error.</summary>
internal static class DatasetScreen
{
    /// <summary>Runs until everything is done or the user interrupts.</summary>
    /// <returns>Whether everything was done.</returns>
    public static async Task<bool> RunAsync(DatasetRun run, int concurrency)
    {
        using var interrupts = new Interrupts(() => { });
        interrupts.WorkStarts();
        try
        {
            await using var bars = ProgressBars.Start();
            await run.RunAsync(concurrency, new Shown(bars), interrupts.Requested);
            return true;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted: the finished rows are kept, and the same command resumes.");
            return false;
        }
    }

    private sealed class Shown(ProgressBars bars) : IProgress<DatasetProgress>
    {
        public void Report(DatasetProgress value)
        {
            bars.Report(new WorkProgress(value.Method, value.Done, value.Total));
            if (value.Newest is { Error: { } error } failed)
            {
                bars.WriteLine(MarkedText.Printable($"{failed.Method}, row {failed.Row}: {error.ReplaceLineEndings(" ")}"));
            }
        }
    }
}
