using System.CommandLine;
using System.Globalization;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Plots;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Growth;

/// <summary>
/// <c>growth</c>: time per iteration against chains, positions, prompt length and vocabulary, each doubled several times.
/// </summary>
internal static class GrowthCommand
{
    private static readonly string[] Heads = ["grows", "time in s at each doubling", "last doubling", "its operations"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var doublings = BenchOptions.Count("--doublings", "How often each size is doubled.", 5);
        var repeats = BenchOptions.Count("--repeats", "Iterations at each point.", 5);
        var write = new Option<DirectoryInfo?>("--out")
        {
            Description = "Folder for growth.json and growth.png; created if it does not exist.",
            HelpName = "DIR",
        };
        var dtype = BenchOptions.Dtype();
        var device = BenchOptions.Device();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var quick = BenchOptions.Quick("Two doublings, one iteration each.");
        var json = BenchOptions.Json();
        var command = new Command(
            "growth",
            "Time of one SEA iteration (preset langevin) against chains, positions, prompt and vocabulary, each doubled several times."
        )
        {
            doublings,
            repeats,
            write,
            dtype,
            device,
            threads,
            clock,
            quick,
            json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            int count = parse.Value(quick, doublings, 2);
            int iterations = parse.Value(quick, repeats, 1);
            using var folder = new ModelFolder(kept: null);
            IReadOnlyList<GrowthLine> lines = new GrowthBench(
                folder,
                new ModelLoadOptions(parse.GetRequiredValue(device), parse.GetValue(dtype)),
                count,
                parse.GetValue(clock),
                iterations
            ).Measure();
            string figures = BenchJson.Of(
                new
                {
                    GrowthBench.Base,
                    Dtype = parse.GetValue(dtype).ToString(),
                    Threads = ComputeThreads.Count,
                    Clock = parse.GetValue(clock).ToString(),
                    Repeats = iterations,
                },
                lines
            );
            if (parse.GetValue(write) is { } place)
            {
                place.Create();
                File.WriteAllText(Path.Combine(place.FullName, "growth.json"), figures);
                GrowthChart.Draw(
                    [
                        .. lines.Select(line => new GrowthCurve(
                            line.Name,
                            [.. line.Points.Select(point => point.Size)],
                            [.. line.Points.Select(point => point.Seconds)]
                        )),
                    ],
                    Path.Combine(place.FullName, "growth.png")
                );
            }

            using TextWriter output = StandardOutput.Open();
            output.WriteLine(
                parse.GetValue(json)
                    ? figures
                    : string.Join(
                        '\n',
                        [
                            BenchJson.MachineLine(),
                            $"settings {GrowthBench.Base}; {parse.GetValue(dtype)}, {ComputeThreads.Count} threads, "
                                + $"{parse.GetValue(clock)} time, medians of {iterations}",
                            "",
                            TextTable.Of(Heads, lines.Select(Row)),
                        ]
                    )
            );
            return ExitCodes.Success;
        });
        return command;
    }

    private static string[] Row(GrowthLine line) =>
        [
            line.Name,
            string.Join(
                ", ",
                line.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Size}: {point.Seconds:0.0000}"))
            ),
            "x " + TextTable.Cell(line.LastDoubling, "0.00"),
            "x " + TextTable.Cell(line.LastDoublingOfOperations, "0.00"),
        ];
}
