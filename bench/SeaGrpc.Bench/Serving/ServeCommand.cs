using System.CommandLine;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Serving;

/// <summary><c>serve</c>: concurrent StreamAlign calls over real gRPC against the same jobs one after another.</summary>
internal static class ServeCommand
{
    private static readonly string[] Heads =
        ["at once", "jobs", "jobs/s", "one by one", "gain", "first update p50 s", "p99 s", "complete p50 s", "p99 s"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "tiny (the size of the embedded models), 160m, wide, 1b-slice or 1b; see iteration --help.",
            DefaultValueFactory = _ => "tiny",
            HelpName = "NAME",
        };
        model.AcceptOnlyFromAmong([.. BenchShapes.ByName.Keys]);
        var concurrency = BenchOptions.Counts("--concurrency", "Calls at once.", [1, 4, 16, 64]);
        var jobs = BenchOptions.Count("--jobs", "Jobs per measurement; at least the number of calls at once.", 16);
        var method = MethodOption.Create("sea[preset=langevin,iterations=4]", "What every job runs; no plateau ends SEA");
        var tokens = BenchOptions.Count("--tokens", "Longest response in tokens.", 24, least: 2);
        var tcp = new Option<bool>("--tcp") { Description = "Over a loopback port instead of a Unix socket." };
        var make = BenchOptions.Make();
        var dtype = BenchOptions.Dtype();
        var device = BenchOptions.Device();
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var quick = BenchOptions.Quick("1 and 4 calls at once, 4 jobs of 2 iterations.");
        var json = BenchOptions.Json();
        var command = new Command(
            "serve",
            "Throughput and latency of concurrent StreamAlign calls on a sidecar in this process, against one job after another, and the "
                + "gRPC layer's own share of the time."
        )
        {
            model,
            concurrency,
            jobs,
            method,
            tokens,
            tcp,
            make,
            dtype,
            device,
            threads,
            clock,
            quick,
            json,
        };
        command.SetAction(
            async (parse, _) =>
            {
                bool isQuick = parse.GetValue(quick);
                T Value<T>(Option<T> option, T quickly) =>
                    isQuick && parse.GetResult(option) is null or { Implicit: true } ? quickly : parse.GetRequiredValue(option);
                int[] levels = Value(concurrency, [1, 4]);
                int count = Value(jobs, 4);
                MethodText runs = Value(method, MethodText.Parse("sea[preset=langevin,iterations=2]"));
                int responseTokens = parse.GetValue(tokens);
                using var folder = new ModelFolder(parse.GetValue(make));
                string name = parse.GetRequiredValue(model);
                var bench = new ServeBench(
                    folder.Make(name, BenchShapes.ByName[name]),
                    new ModelLoadOptions(parse.GetRequiredValue(device), parse.GetValue(dtype)),
                    parse.GetValue(threads),
                    parse.GetValue(clock),
                    socket: !parse.GetValue(tcp)
                );
                ServeFigures figures = await bench.MeasureAsync(levels, count, number =>
                    ServeJob.Make(number, runs.ToParameters(), responseTokens)
                );
                using TextWriter output = StandardOutput.Open();
                var settings = new
                {
                    Model = name,
                    Dtype = parse.GetValue(dtype).ToString(),
                    Method = runs.ToString(),
                    ResponseTokens = responseTokens,
                    Threads = ComputeThreads.Count,
                    Clock = parse.GetValue(clock).ToString(),
                    Tcp = parse.GetValue(tcp),
                };
                output.WriteLine(
                    parse.GetValue(json)
                        ? BenchJson.Of(settings, figures)
                        : string.Join(
                            '\n',
                            [
                                BenchJson.MachineLine(),
                                $"settings {name}, {settings.Dtype}, {runs}, responses of up to {responseTokens} tokens, "
                                    + $"{settings.Threads} threads",
                                "",
                                TextTable.Of(Heads, figures.Levels.Select(Row)),
                                "",
                                $"gRPC's share of a job, {settings.Clock} time: {TextTable.Cell(100 * figures.Layer.Share, "0.0")} % "
                                    + $"({TextTable.Cell(figures.Layer.GrpcSeconds, "0.0000")} s against "
                                    + $"{TextTable.Cell(figures.Layer.DirectSeconds, "0.0000")} s on the engine, "
                                    + $"medians of {figures.Layer.Jobs} jobs in turns)",
                            ]
                        )
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static string[] Row(ServeLevel level) =>
        [
            TextTable.Cell(level.Concurrency, "0"),
            TextTable.Cell(level.Jobs, "0"),
            TextTable.Cell(level.JobsPerSecond, "0.00"),
            TextTable.Cell(level.SequentialJobsPerSecond, "0.00"),
            TextTable.Cell(level.Gain, "0.00"),
            TextTable.Cell(level.FirstUpdateP50, "0.000"),
            TextTable.Cell(level.FirstUpdateP99, "0.000"),
            TextTable.Cell(level.CompletionP50, "0.000"),
            TextTable.Cell(level.CompletionP99, "0.000"),
        ];
}
