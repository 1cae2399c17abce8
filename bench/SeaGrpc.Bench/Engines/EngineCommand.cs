using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Bench.Engines;

/// <summary><c>engine</c>: a sidecar whose policy an engine serves, against one that has loaded it, and what the sidecar adds.</summary>
internal static class EngineCommand
{
    private static readonly string[] MeanHeads =
        ["policy", "calls/s", "iterations", "turns", "requests", "policy tokens", "engine read", "engine drawn", "energy"];

    private static readonly string[] LevelHeads =
        ["callers", "calls", "calls/s", "requests/s", "drawn tokens/s", "call p50 s", "added %", "added ms a turn", "engine used %",
            "processor ms a request"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var callers = BenchOptions.Counts("--callers", "Callers at once.", [1, 4, 16, 64]);
        var calls = BenchOptions.Count("--calls", "Calls of each caller.", 4);
        var sidecars = BenchOptions.Count("--sidecars", "Sidecars before the engine, which the callers take in turn.", 1);
        var latency = BenchOptions.Count("--latency", "Time that every request takes at the engine, in milliseconds.", 20, least: 0);
        var row = BenchOptions.Count("--row-speed", "Tokens that one row draws in a second; 0 is no limit.", 50, least: 0);
        var throughput = BenchOptions.Count("--throughput", "Tokens that the engine draws in a second; 0 is no limit.", 5000, least: 0);
        var http2 = new Option<bool>("--http2") { Description = "The engine speaks HTTP/2 instead of HTTP/1.1." };
        var common = new SidecarOptions(
            Search(iterations: 4), "What every call runs", "1 and 4 callers, one call each, of 1 iteration.", isEmbedded: true);
        var command = new Command(
            "engine",
            "A sidecar whose policy a simulated engine serves: calls a second and tokens an iteration against the same policy loaded, what "
                + "the sidecar adds to the engine's time, and how many calls it can take."
        )
        {
            callers, calls, sidecars, latency, row, throughput, http2,
        };
        foreach (Option option in common.All)
        {
            command.Add(option);
        }

        command.SetAction(
            async (parse, _) =>
            {
                SidecarSetting setting = common.Read(parse, Search(iterations: 1));
                int[] levels = parse.Value(common.Quick, callers, [1, 4]);
                int count = parse.Value(common.Quick, calls, 1);
                var speed = new EngineSpeed(
                    TimeSpan.FromMilliseconds(parse.GetValue(latency)), parse.GetValue(row), parse.GetValue(throughput));
                using var folder = new ModelFolder(setting.Make);
                (string policy, string reward) = Models(setting, folder);
                var bench = new EngineBench(
                    policy,
                    reward,
                    setting.Loading,
                    setting.Threads,
                    setting.Method.ToParameters(),
                    setting.ResponseTokens,
                    parse.GetValue(http2),
                    parse.GetValue(sidecars)
                );
                EngineFigures figures = await bench.MeasureAsync(speed, levels, count);
                using TextWriter output = StandardOutput.Open();
                var settings = new
                {
                    setting.Model,
                    Dtype = setting.Loading.Dtype.ToString(),
                    Method = setting.Method.ToString(),
                    setting.ResponseTokens,
                    LatencyMilliseconds = parse.GetValue(latency),
                    RowTokensPerSecond = parse.GetValue(row),
                    TokensPerSecond = parse.GetValue(throughput),
                    Http2 = parse.GetValue(http2),
                    Sidecars = parse.GetValue(sidecars),
                    Threads = ComputeThreads.Count,
                };
                output.WriteLine(
                    setting.IsJson
                        ? BenchJson.Of(settings, figures)
                        : string.Join(
                            '\n',
                            [
                                BenchJson.MachineLine(),
                                $"settings {setting.Model}, {settings.Dtype}, {setting.Method}, "
                                    + $"responses of up to {settings.ResponseTokens} tokens, "
                                    + $"{settings.Threads} threads, {(settings.Http2 ? "HTTP/2" : "HTTP/1.1")}, "
                                    + $"{settings.Sidecars} sidecars",
                                $"engine   {settings.LatencyMilliseconds} ms a request, {settings.RowTokensPerSecond} tokens/s a row, "
                                    + $"{settings.TokensPerSecond} tokens/s in all",
                                "",
                                "one call after another; turns and requests a call, tokens an iteration",
                                TextTable.Of(MeanHeads, [Row("loaded", figures.Loaded), Row("engine", figures.Elsewhere)]),
                                "",
                                "callers at once; the last row's engine takes no time",
                                TextTable.Of(LevelHeads, figures.Levels.Append(figures.Limit).Select(Row)),
                            ]
                        )
                );
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static (string Policy, string Reward) Models(SidecarSetting setting, ModelFolder folder)
    {
        if (setting.Model == BenchOptions.Embedded)
        {
            var defaults = new ModelOptions();
            return (defaults.Policy, defaults.Reward);
        }

        string made = folder.Make(setting.Model, BenchShapes.ByName[setting.Model]);
        return (Path.Combine(made, "policy"), Path.Combine(made, "reward"));
    }

    // The moves that an engine can serve, so that the loaded policy makes the same.
    private static string Search(int iterations) =>
        $"energy_search[iterations={iterations},budget_tokens=0,spans=false,substitutions=false]";

    private static string[] Row(string name, EngineMeans means) =>
        [
            name,
            TextTable.Cell(means.CallsPerSecond, "0.00"),
            TextTable.Cell(means.Iterations, "0.0"),
            TextTable.Cell(means.Turns, "0.0"),
            TextTable.Cell(means.Requests, "0.0"),
            TextTable.Cell(means.PolicyTokens, "0"),
            TextTable.Cell(means.EngineRead, "0"),
            TextTable.Cell(means.EngineDrawn, "0"),
            TextTable.Cell(means.Energy, "0.0"),
        ];

    private static string[] Row(EngineLevel level) =>
        [
            TextTable.Cell(level.Callers, "0"),
            TextTable.Cell(level.Calls, "0"),
            TextTable.Cell(level.CallsPerSecond, "0.00"),
            TextTable.Cell(level.RequestsPerSecond, "0"),
            TextTable.Cell(level.EngineTokensPerSecond, "0"),
            TextTable.Cell(level.SecondsP50, "0.000"),
            TextTable.Cell(100 * level.AddedShare, "0.0"),
            TextTable.Cell(level.AddedMillisecondsPerTurn, "0.00"),
            TextTable.Cell(100 * level.EngineShare, "0"),
            TextTable.Cell(level.ProcessorMillisecondsPerRequest, "0.00"),
        ];
}
