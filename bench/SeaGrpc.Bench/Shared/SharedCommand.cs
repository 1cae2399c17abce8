using System.CommandLine;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Bench.Synthetic;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;

namespace SeaGrpc.Bench.Shared;

/// <summary>
/// <c>shared</c>: answers and memory of pairs that have layers in common, against the same pairs loaded as separate models.
/// </summary>
internal static class SharedCommand
{
    /// <summary>The method that is measured unless another is given.</summary>
    public const string Method = "energy_search";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var layers = BenchOptions.Counts("--layers", "Numbers of common layers, of 30.", [0, 12, 30], least: 0);
        var prompt = BenchOptions.Count("--prompt", "Tokens of the prompt.", 128);
        var tail = BenchOptions.Count("--tail", "Tokens that the reward model reads after every response.", 2);
        var response = BenchOptions.Count("--response", "Maximum tokens of a response; the draft is eight shorter.", 48, least: 9);
        Option<MethodText> method = MethodOption.Create(Method);
        var repeats = BenchOptions.Count("--repeats", "How often the times are taken, each in a process of its own.", 3);
        var make = BenchOptions.Make();
        var dtype = BenchOptions.Dtype();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var quick = BenchOptions.Quick("The embedded models' form with 4 layers, of which 0, 2 and 4 are common; one turn.");
        var json = BenchOptions.Json();
        var command = new Command(
            "shared",
            "Time and memory of a method's answers by a policy of 157 million weights and reward models that have layers in common "
                + "with it, against the same pairs loaded as separate models.")
        {
            layers, prompt, tail, response, method, repeats, make, dtype, threads, clock, quick, json,
        };
        command.SetAction(parse =>
        {
            bool isQuick = parse.GetValue(quick);
            SyntheticShape shape = isQuick ? SyntheticShape.Embedded : SyntheticShape.Deep160M;
            int[] common = isQuick ? [0, shape.Layers / 2, shape.Layers] : parse.GetRequiredValue(layers);
            int turns = isQuick ? 1 : parse.GetValue(repeats);
            var setting = new SharedSetting(
                parse.GetValue(prompt), parse.GetValue(tail), parse.GetValue(response), parse.GetRequiredValue(method).ToString());
            using var folder = new ModelFolder(parse.GetValue(make));
            string root = folder.Make(isQuick ? "tiny" : "deep-160m", shape);
            SharedFigures[] figures = [.. common.Select(count =>
            {
                string reward = $"reward-{count}";
                if (!File.Exists(Path.Combine(root, reward, SyntheticCheckpoint.LastFile)))
                {
                    BenchShapes.WriteReward(root, reward, shape, count);
                }

                SharedCase[] Measured(string what, params SharedSide[] sides)
                {
                    ErrorLines.Write($"{count} common layers, {what}");
                    return SharedCaseCommand.Run(
                        root, reward, sides, setting, parse.GetValue(dtype), parse.GetValue(threads), parse.GetValue(clock));
                }

                return SharedFigures.Of(
                    count,
                    [.. Measured("memory, separate", SharedSide.Separate), .. Measured("memory, shared", SharedSide.Shared)],
                    [.. Enumerable.Range(1, turns).Select(
                        turn => Measured($"times, turn {turn}", SharedSide.Separate, SharedSide.Shared))]);
            })];
            var settings = new
            {
                Layers = shape.Layers,
                Lengths = setting,
                Dtype = parse.GetValue(dtype).ToString(),
                Threads = parse.GetValue(threads),
                Clock = parse.GetValue(clock).ToString(),
                Repeats = turns,
            };
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(parse.GetValue(json)
                ? BenchJson.Of(settings, figures)
                : string.Join('\n', [
                    BenchJson.MachineLine(),
                    $"settings {shape.Layers} layers, {settings.Dtype}, {setting}, {settings.Threads} threads, "
                        + $"{settings.Clock} time, medians of {turns}",
                    "",
                    Table(figures),
                ]));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Table(SharedFigures[] figures) => TextTable.Of(
        [
            "common layers", "draft given s, separate", "shared", "faster", "sampled s, separate", "shared", "faster",
            "loaded MiB, separate", "shared", "less", "peak MiB, separate", "shared", "less", "energies differ by",
        ],
        figures.Select(one => (string[])
        [
            TextTable.Cell(one.Layers, "0"),
            TextTable.Cell(one.Separate.DraftSeconds, "0.00"),
            TextTable.Cell(one.Shared.DraftSeconds, "0.00"),
            TextTable.Cell(one.DraftFaster, "0.00"),
            TextTable.Cell(one.Separate.SampleSeconds, "0.00"),
            TextTable.Cell(one.Shared.SampleSeconds, "0.00"),
            TextTable.Cell(one.SampleFaster, "0.00"),
            TextTable.Cell(one.Separate.LoadedBytes >> 20, "0"),
            TextTable.Cell(one.Shared.LoadedBytes >> 20, "0"),
            TextTable.Cell(one.LoadedLess, "0.00"),
            TextTable.Cell(one.Separate.PeakBytes >> 20, "0"),
            TextTable.Cell(one.Shared.PeakBytes >> 20, "0"),
            TextTable.Cell(one.PeakLess, "0.00"),
            TextTable.Cell(
                Math.Max(
                    Math.Abs(one.Separate.DraftEnergy - one.Shared.DraftEnergy),
                    Math.Abs(one.Separate.SampleEnergy - one.Shared.SampleEnergy)),
                "0.0e+0"),
        ]));
}
