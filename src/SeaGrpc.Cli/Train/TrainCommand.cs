using System.CommandLine;

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
        command.SetAction((parse, cancellation) => Task.Run(
            () =>
            {
                var run = new TrainRun(
                    parse.GetRequiredValue(output).FullName, parse.GetValue(seed), parse.GetValue(quick), Console.Out);
                run.Execute(cancellation);
                return 0;
            },
            cancellation));
        return command;
    }
}
