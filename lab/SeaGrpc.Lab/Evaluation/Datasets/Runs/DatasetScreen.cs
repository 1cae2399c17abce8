using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using Spectre.Console;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>
/// Shows the progress of a run: bars on a terminal, lines on standard error otherwise. Rows that fail are reported at once.
/// </summary>
internal static class DatasetScreen
{
    /// <summary>Runs until everything is done or the user interrupts.</summary>
    /// <returns>Whether everything was done.</returns>
    public static async Task<bool> RunAsync(DatasetRun run, int concurrency)
    {
        using var interrupts = new Interrupts(Restore);
        interrupts.WorkStarts();
        try
        {
            await ShowAsync(progress => run.RunAsync(concurrency, progress, interrupts.Requested));
            return true;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted: the finished rows are kept, and the same command resumes.");
            return false;
        }
    }

    /// <summary>Runs the work and shows it.</summary>
    private static Task ShowAsync(Func<IProgress<DatasetProgress>, Task> work) => IsRich
        ? AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => work(new Bars(context)))
        : work(new Lines(Console.Error));

    /// <summary>Restores the terminal's cursor if the process ends early.</summary>
    private static void Restore()
    {
        if (IsRich)
        {
            AnsiConsole.Cursor.Show();
        }
    }

    private static bool IsRich => TerminalSettings.IsRich && !Console.IsErrorRedirected;

    private static string? Failure(DatasetProgress progress) => progress.Newest is { Error: { } error } failed
        ? MarkedText.Printable($"{failed.Method}, row {failed.Row}: {error.ReplaceLineEndings(" ")}")
        : null;

    private sealed class Bars(ProgressContext context) : IProgress<DatasetProgress>
    {
        private readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(DatasetProgress value)
        {
            lock (_tasks)
            {
                if (!_tasks.TryGetValue(value.Method, out ProgressTask? task))
                {
                    task = context.AddTask(value.Method.EscapeMarkup(), maxValue: value.Total);
                    _tasks.Add(value.Method, task);
                }

                task.Value = value.Done;
                if (Failure(value) is { } failure)
                {
                    AnsiConsole.WriteLine(failure);
                }
            }
        }
    }

    /// <summary>A line at every tenth of a method.</summary>
    private sealed class Lines(TextWriter writer) : IProgress<DatasetProgress>
    {
        private readonly Dictionary<string, int> _tenths = [];

        public void Report(DatasetProgress value)
        {
            lock (_tenths)
            {
                if (Failure(value) is { } failure)
                {
                    writer.WriteLine(failure);
                }

                int tenth = (int)(value.Done * 10L / value.Total);
                if (tenth > _tenths.GetValueOrDefault(value.Method))
                {
                    _tenths[value.Method] = tenth;
                    writer.WriteLine($"{value.Method}: {value.Done} of {value.Total}");
                }
            }
        }
    }
}
