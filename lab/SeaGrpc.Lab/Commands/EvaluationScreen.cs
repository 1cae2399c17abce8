using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Embedded;
using Spectre.Console;

namespace SeaGrpc.Lab.Commands;

/// <summary>
/// Shows the progress of an evaluation: bars on a terminal, plain lines on standard error otherwise; then its text on standard output.
/// </summary>
internal static class EvaluationScreen
{
    /// <summary>Runs the work and shows it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Show(Func<IProgress<EvaluationProgress>, string> work)
    {
        string text = "";
        try
        {
            if (TerminalSettings.IsRich && !Console.IsErrorRedirected)
            {
                AnsiConsole.Progress()
                    .AutoClear(true)
                    .Columns(
                        new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                        new RemainingTimeColumn())
                    .Start(context => text = work(new Bars(context)));
            }
            else
            {
                text = work(new Lines(Console.Error));
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Interrupted: the finished answers are kept, and the same command resumes.");
            return ExitCodes.Interrupted;
        }
        catch (InvalidDataException error)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }

        Console.Out.Write(text);
        return ExitCodes.Success;
    }

    private sealed class Bars(ProgressContext context) : IProgress<EvaluationProgress>
    {
        private readonly Dictionary<(string World, string Stage), ProgressTask> _tasks = [];

        public void Report(EvaluationProgress value)
        {
            lock (_tasks)
            {
                if (!_tasks.TryGetValue((value.World, value.Stage), out ProgressTask? task))
                {
                    task = context.AddTask($"{value.World}: {value.Stage}".EscapeMarkup(), maxValue: value.Total);
                    _tasks.Add((value.World, value.Stage), task);
                }

                task.Value = Math.Max(task.Value, value.Done);
            }
        }
    }

    /// <summary>A line at every tenth of a stage.</summary>
    private sealed class Lines(TextWriter writer) : IProgress<EvaluationProgress>
    {
        private readonly Dictionary<(string World, string Stage), int> _tenths = [];

        public void Report(EvaluationProgress value)
        {
            lock (_tenths)
            {
                int tenth = value.Done * 10 / value.Total;
                if (tenth > _tenths.GetValueOrDefault((value.World, value.Stage), 0))
                {
                    _tenths[(value.World, value.Stage)] = tenth;
                    writer.WriteLine($"{value.World}: {value.Stage}: {value.Done} of {value.Total}");
                }
            }
        }
    }
}
