using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Iterations;

/// <summary>
/// <c>iteration-case</c>, not shown in the help: measures one case on models that are there, and prints JSON. A process of
/// its own, so that its peak memory is the case's.
/// </summary>
internal static class CaseCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "iteration-case";

    /// <summary>Iterations of a side whose memory is measured: gradients of the first are still there in the second.</summary>
    private const int MemoryIterations = 2;

    private static readonly TimeSpan LeastMeasuring = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var side = new Option<string>("--side") { DefaultValueFactory = _ => "times" };
        side.AcceptOnlyFromAmong("times", "ours", "plain");
        var prompt = BenchOptions.Count("--prompt", "Tokens of the prompt.", 32);
        var positions = BenchOptions.Count("--positions", "Positions.", 64, least: 2);
        var repeats = BenchOptions.Count("--repeats", "Repeats.", 3);
        var dtype = BenchOptions.Dtype();
        var method = BenchOptions.Langevin("sea[preset=langevin]");
        var device = BenchOptions.Device();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var command = new Command(Name) { folder, side, prompt, positions, repeats, dtype, method, device, threads, clock };
        command.Hidden = true;
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            using AlignmentModels models = BenchShapes.Load(
                parse.GetRequiredValue(folder), new ModelLoadOptions(parse.GetRequiredValue(device), parse.GetValue(dtype)));
            SeaParameters parameters = BenchOptions.Parameters(parse.GetRequiredValue(method));
            var setting = new IterationSetting(parameters.Chains, parse.GetValue(prompt), parse.GetValue(positions));
            using var bench = new IterationBench(models, setting, parameters, parse.GetValue(clock).Reading());
            object figures = parse.GetRequiredValue(side) switch
            {
                "ours" => Memory(bench, () => bench.Ours()),
                "plain" => Memory(bench, () => bench.Plain()),
                _ => Times(
                    bench,
                    parse.GetValue(repeats),
                    parse.GetValue(clock).Reading(),
                    parse.GetValue(dtype),
                    models.Policy.Description.Device != "cpu"
                ),
            };
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(JsonSerializer.Serialize(figures, figures.GetType(), BenchJson.Options));
            return ExitCodes.Success;
        });
        return command;
    }

    private static CaseMemory Memory(IterationBench bench, Action iterate)
    {
        GC.Collect();
        ProcessMemory.ForgetPeak();
        long loaded = ProcessMemory.Resident;
        for (int iteration = 0; iteration < MemoryIterations; iteration++)
        {
            iterate();
        }

        return new CaseMemory(loaded, ProcessMemory.Peak, bench.Estimate.Total);
    }

    // The sides take turns, so that both see the same neighbours on the machine.
    private static CaseTimes Times(IterationBench bench, int repeats, Func<TimeSpan> clock, ModelDtype dtype, bool onAccelerator)
    {
        List<double> ours = [];
        List<double> moving = [];
        List<double> scoring = [];
        List<double> peaks = [];
        using var peak = new MatrixPeak(dtype, onAccelerator);
        peak.Measure(1, clock);
        bench.Ours();
        long start = Stopwatch.GetTimestamp();
        while (ours.Count < repeats || Stopwatch.GetElapsedTime(start) < LeastMeasuring)
        {
            peaks.Add(peak.Measure(3, clock));
            ours.Add(bench.Ours().TotalSeconds);
            (TimeSpan Moving, TimeSpan Scoring) plain = bench.Plain();
            moving.Add(plain.Moving.TotalSeconds);
            scoring.Add(plain.Scoring.TotalSeconds);
        }

        return new CaseTimes([.. ours], [.. moving], [.. scoring], [.. peaks], bench.NecessaryOperations, bench.ComputedOperations);
    }
}
