using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Training.Runs;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>train-reward</c>: makes a reward model of a policy's body and preference pairs.</summary>
internal static class TrainRewardCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var options = new TrainRewardOptions();
        var command = new Command(
            "train-reward", "Train a reward model from a policy's body and preference pairs. The same command resumes after an interrupt.");
        foreach (Option option in options.All)
        {
            command.Add(option);
        }

        command.SetAction((parsed, _) => Task.Run(() =>
        {
            if (options.Threads(parsed) is { } threads)
            {
                ComputeThreads.Set(threads);
            }

            using ProgressBars bars = ProgressBars.Start();
            return Execute(options.Run(parsed, bars.Output, bars));
        }));
        return command;
    }

    private static int Execute(PreferenceRun run)
    {
        using var interrupts = new Interrupts(() => { });
        interrupts.WorkStarts();
        try
        {
            run.Execute(interrupts.Requested);
            return ExitCodes.Success;
        }
        catch (OperationCanceledException) when (interrupts.Requested.IsCancellationRequested)
        {
            throw new CliException("Interrupted: the training is saved, and the same command resumes it.", ExitCodes.Interrupted);
        }
        catch (Exception error) when (
            error is CheckpointException or ChatTemplateException or DatasetException or InvalidDataException or IOException
                or UnauthorizedAccessException)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }
}
