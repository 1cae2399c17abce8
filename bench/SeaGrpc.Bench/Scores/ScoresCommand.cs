using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Scores;

/// <summary>
/// <c>scores</c>: log-probabilities and rewards of fixed ids, for another implementation to be compared with (eng/gpu/check).
/// </summary>
internal static class ScoresCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> model = BenchOptions.Model("tiny");
        var make = BenchOptions.Make();
        var dtype = BenchOptions.Dtype();
        var device = BenchOptions.Device();
        var command = new Command(
            "scores",
            "Log-probabilities and rewards of fixed ids as JSON, for comparison with another implementation on the same folders."
        )
        {
            model,
            make,
            dtype,
            device,
        };
        command.SetAction(parse =>
        {
            using var folder = new ModelFolder(parse.GetValue(make));
            string name = parse.GetRequiredValue(model);
            string models = folder.Make(name, BenchShapes.ByName[name]);
            ErrorLines.Write($"scores of {name}");
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(
                BenchJson.Of(
                    new
                    {
                        Model = name,
                        Dtype = parse.GetValue(dtype).ToString(),
                        Device = parse.GetRequiredValue(device),
                    },
                    FixedScores.Measure(models, new ModelLoadOptions(parse.GetRequiredValue(device), parse.GetValue(dtype)))
                )
            );
            return ExitCodes.Success;
        });
        return command;
    }
}
