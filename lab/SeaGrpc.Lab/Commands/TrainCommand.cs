using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Lab.Training.Runs;
using SeaGrpc.Lab.Training.Runs.KeepYourWord;
using SeaGrpc.Lab.Training.Runs.MovingDay;
using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.MovingDay;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>train</c>: makes the policies and the reward model of one of the embedded worlds.</summary>
public static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the models' folders.",
            DefaultValueFactory = _ => new DirectoryInfo("models"),
        };
        var seed = new Option<int>("--seed") { Description = "Seed of the corpus and of the training.", DefaultValueFactory = _ => 1 };
        var quick = new Option<bool>("--quick")
        {
            Description = "A tenth of the steps, to check that everything runs; the models are not usable.",
        };
        var world = new Option<string>("--world")
        {
            Description = "The world whose models to train.",
            DefaultValueFactory = _ => SupportDeskWorld.WorldName,
        };
        world.AcceptOnlyFromAmong([.. EmbeddedWorlds.All.Select(known => known.Name)]);
        var command = new Command(
            "train", "Train the embedded models from a world that the project generates.") { world, output, seed, quick };
        command.SetAction((parse, _) => Task.Run(() =>
        {
            using ProgressBars bars = ProgressBars.Start();
            return Execute(Run(
                parse.GetRequiredValue(world), parse.GetRequiredValue(output).FullName, parse.GetValue(seed), parse.GetValue(quick), bars));
        }));
        return command;
    }

    private static ITrainingRun Run(string world, string folder, int seed, bool quick, ProgressBars bars) => world switch
    {
        KeepYourWordWorld.WorldName => new StagedRun(new KeepYourWordTraining(), folder, seed, quick, bars.Output, bars),
        MovingDayWorld.WorldName => new StagedRun(new MovingDayTraining(), folder, seed, quick, bars.Output, bars),
        _ => new TrainRun(folder, seed, quick, bars.Output, bars),
    };

    private static int Execute(ITrainingRun run)
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
                run.Written ? "Interrupted while measuring: the models are written." : "Interrupted: no model was written.",
                ExitCodes.Interrupted
            );
        }
    }
}
