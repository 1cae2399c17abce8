using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
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
        var concurrency = BenchOptions.Counts("--concurrency", "Calls at once.", [1, 4, 16, 64]);
        var jobs = BenchOptions.Count("--jobs", "Jobs per measurement; at least the number of calls at once.", 16);
        var tcp = new Option<bool>("--tcp") { Description = "Over a loopback port instead of a Unix socket." };
        var clock = BenchOptions.Clock();
        var common = new SidecarOptions(
            "sea[preset=langevin,iterations=4]", "What every job runs; no plateau ends SEA",
            "1 and 4 calls at once, 4 jobs of 2 iterations.");
        var command = new Command(
            "serve",
            "Throughput and latency of concurrent StreamAlign calls on a sidecar in this process, against one job after another, and the "
                + "gRPC layer's own share of the time."
        )
        {
            concurrency,
            jobs,
            tcp,
            clock,
        };
        foreach (Option option in common.All)
        {
            command.Add(option);
        }

        command.SetAction(
            async (parse, _) =>
            {
                SidecarSetting setting = common.Read(parse, "sea[preset=langevin,iterations=2]");
                int[] levels = parse.Value(common.Quick, concurrency, [1, 4]);
                int count = parse.Value(common.Quick, jobs, 4);
                using var folder = new ModelFolder(setting.Make);
                var bench = new ServeBench(
                    folder.Make(setting.Model, BenchShapes.ByName[setting.Model]),
                    setting.Loading,
                    setting.Threads,
                    parse.GetValue(clock),
                    socket: !parse.GetValue(tcp)
                );
                ServeFigures figures = await bench.MeasureAsync(levels, count, number =>
                    ServeJob.Make(number, setting.Method.ToParameters(), setting.ResponseTokens)
                );
                using TextWriter output = StandardOutput.Open();
                var settings = new
                {
                    setting.Model,
                    Dtype = setting.Loading.Dtype.ToString(),
                    Method = setting.Method.ToString(),
                    setting.ResponseTokens,
                    Threads = ComputeThreads.Count,
                    Clock = parse.GetValue(clock).ToString(),
                    Tcp = parse.GetValue(tcp),
                };
                output.WriteLine(
                    setting.IsJson
                        ? BenchJson.Of(settings, figures)
                        : string.Join(
                            '\n',
                            [
                                BenchJson.MachineLine(),
                                $"settings {setting.Model}, {settings.Dtype}, {setting.Method}, "
                                    + $"responses of up to {setting.ResponseTokens} tokens, "
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
