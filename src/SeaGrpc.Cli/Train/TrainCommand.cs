using System.CommandLine;
using SeaGrpc.Cli.Runs;

namespace SeaGrpc.Cli.Train;

/// <summary><c>train</c>: makes the embedded policy and reward model from the support-desk world.</summary>
public static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for tiny-policy and tiny-reward.",
            DefaultValueFactory = _ => new DirectoryInfo("models"),
        };
        var seed = new Option<int>("--seed") { Description = "Seed of the corpus and of the training.", DefaultValueFactory = _ => 1 };
        var quick = new Option<bool>("--quick") { Description = "A tenth of the steps: shows that everything runs; the models are not good." };
        var command = new Command("train", "Train the embedded models from the world that the project generates.") { output, seed, quick };
        command.SetAction((parse, _) => Task.Run(() => Execute(
            new TrainRun(parse.GetRequiredValue(output).FullName, parse.GetValue(seed), parse.GetValue(quick), Console.Out))));
        return command;
    }

    private static int Execute(TrainRun run)
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
            throw new CliException(
                run.Written ? "Interrupted while measuring: the models are written." : "Interrupted: no model was written.", ExitCodes.Interrupted);
        }
    }
}
