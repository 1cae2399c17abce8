using System.Diagnostics;
using System.Globalization;
using SeaGrpc.Alignment;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.Bench.Engines;

/// <summary>Measures a sidecar whose policy is a simulated engine; all of it in this process, on real sockets.</summary>
/// <param name="policyFolder">The policy.</param>
/// <param name="rewardFolder">The reward model.</param>
/// <param name="options">Where and how to load them.</param>
/// <param name="threads">Threads of a tensor operation; 0 is the server's choice.</param>
/// <param name="method">What every call runs.</param>
/// <param name="responseTokens">Longest response.</param>
/// <param name="http2">Whether the engine speaks HTTP/2 instead of HTTP/1.1.</param>
/// <param name="sidecars">Number of sidecars that the callers take in turn, as behind one service.</param>
internal sealed class EngineBench(
    string policyFolder,
    string rewardFolder,
    ModelLoadOptions options,
    int threads,
    MethodParameters method,
    int responseTokens,
    bool http2,
    int sidecars)
{
    /// <summary>Number of the likeliest tokens that the engine tells.</summary>
    public const int Alternatives = 20;

    private static readonly EngineSpeed NoTime = new(TimeSpan.Zero, 0, 0);

    /// <summary>Runs it all.</summary>
    /// <param name="speed">The engine's speed.</param>
    /// <param name="callers">Numbers of callers at once.</param>
    /// <param name="calls">Calls of each caller.</param>
    public async Task<EngineFigures> MeasureAsync(EngineSpeed speed, IReadOnlyList<int> callers, int calls)
    {
        int most = callers.Max();
        using PolicyModel policy = PolicyModel.Load(policyFolder, options);
        ErrorLines.Write("the policy loaded");
        EngineMeans loaded = await SequentialAsync(null, most, calls);
        EngineMeans elsewhere;
        using (var local = new LocalPolicy(policy))
        {
            ErrorLines.Write("the same policy behind an engine");
            await using SimulatedEngine engine = await SimulatedEngine.StartAsync(local, policy.Tokenizer, NoTime, alone: true, http2);
            elsewhere = await SequentialAsync(engine, most, calls);
        }

        using var noise = new NoisePolicy(Legal(policy), policy.Tokenizer.EosIds.First());
        await using SimulatedEngine simulated =
            await SimulatedEngine.StartAsync(noise, policy.Tokenizer, speed, alone: false, http2);
        await using SidecarGroup group = await SidecarGroup.StartAsync(sidecars, () => StartAsync(simulated, most), method, responseTokens);
        var encoder = new PromptEncoder(policy, []);

        // Until what runs at every turn is compiled for good, a turn takes several times as long.
        for (int call = 0; call < Math.Max(sidecars, calls * 2); call++)
        {
            await group.RunAsync(call);
        }

        List<EngineLevel> levels = [];
        foreach (int level in callers)
        {
            ErrorLines.Write($"{level} at once");
            levels.Add(await LevelAsync(simulated, group, encoder, level, level * calls));
        }

        ErrorLines.Write($"{most} at once, the engine takes no time");
        simulated.Speed = NoTime;
        return new EngineFigures(loaded, elsewhere, levels, await LevelAsync(simulated, group, encoder, most, most * calls));
    }

    private static IEnumerable<int> Legal(PolicyModel policy)
    {
        Tokenizer tokenizer = policy.Tokenizer;
        return Enumerable.Range(0, policy.Decoder.Config.VocabularySize)
            .Where(id => tokenizer.EosIds.Contains(id) || (tokenizer.TokenOf(id) is not null && !tokenizer.IsSpecial(id)));
    }

    private async Task<EngineMeans> SequentialAsync(SimulatedEngine? engine, int most, int calls)
    {
        await using Sidecar sidecar = await StartAsync(engine, most);
        using var connection = new SidecarConnection(ServerAddress.Parse(sidecar.Address)!, token: null);
        var caller = new EngineCaller(connection, method, responseTokens);
        await caller.RunAsync(0);
        List<AlignmentFinal> finals = [];
        List<(int Requests, int Turns)> asked = [];
        double seconds = 0;
        for (int call = 0; call < calls; call++)
        {
            engine?.Served.Clear();
            (double took, AlignmentFinal final) = await caller.RunAsync(call);
            seconds += took;
            finals.Add(final);
            asked.Add((engine?.Served.Count ?? 0, engine is null ? 0 : EngineCall.Union(engine.Served).Turns));
        }

        double iterations = finals.Sum(final => Math.Max(1, final.IterationsRun));
        return new EngineMeans(
            calls / seconds,
            iterations / calls,
            asked.Average(call => call.Turns),
            asked.Average(call => call.Requests),
            finals.Sum(final => final.Cost.PolicyTokens) / iterations,
            finals.Sum(final => final.Cost.EngineReadTokens) / iterations,
            finals.Sum(final => final.Cost.EngineDrawnTokens) / iterations,
            finals.Average(final => final.Response.Energy));
    }

    private static async Task<EngineLevel> LevelAsync(
        SimulatedEngine engine, SidecarGroup group, PromptEncoder encoder, int callers, int calls)
    {
        engine.Served.Clear();
        var finals = new AlignmentFinal[calls];
        var seconds = new double[calls];
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, calls),
            new ParallelOptions { MaxDegreeOfParallelism = callers },
            async (call, _) => (seconds[call], finals[call]) = await group.RunAsync(call));
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        processor = Environment.CpuUsage.TotalTime - processor;
        ILookup<string, EngineRequestTime> requests = ByCall([.. engine.Served], encoder, calls);
        EngineCall[] each =
        [
            .. finals.Select((final, call) =>
            {
                EngineRequestTime[] own = [.. requests[Key(Ids(encoder, call))]];
                (double busy, int turns) = EngineCall.Union(own);
                return new EngineCall(
                    seconds[call], busy, turns, own.Length, final.IterationsRun, final.Cost.PolicyTokens, final.Cost.EngineReadTokens,
                    final.Cost.EngineDrawnTokens);
            }),
        ];
        long drawn = engine.Served.Sum(request => (long)request.Drawn);
        return new EngineLevel(
            callers,
            calls,
            calls / wall,
            each.Sum(call => call.Requests) / wall,
            drawn / wall,
            Median.Of(seconds),
            each.Sum(call => call.Seconds - call.EngineSeconds) / each.Sum(call => call.EngineSeconds),
            Median.Of(each.Select(call => 1000 * (call.Seconds - call.EngineSeconds) / Math.Max(1, call.Turns))),
            engine.Speed.TokensPerSecond == 0 ? 0 : drawn / wall / engine.Speed.TokensPerSecond,
            processor.TotalMilliseconds / Math.Max(1, each.Sum(call => call.Requests)));
    }

    // Every row begins with its call's prompt.
    private static ILookup<string, EngineRequestTime> ByCall(EngineRequestTime[] requests, PromptEncoder encoder, int calls)
    {
        int[][] prompts = [.. Enumerable.Range(0, calls).Select(call => Ids(encoder, call))];
        HashSet<string> known = [.. prompts.Select(Key)];
        int[] lengths = [.. prompts.Select(prompt => prompt.Length).Distinct()];
        return requests.ToLookup(request => lengths
            .Where(length => length <= request.Ids.Length)
            .Select(length => Key(request.Ids[..length]))
            .First(known.Contains));
    }

    private static int[] Ids(PromptEncoder encoder, int call) =>
        [.. encoder.EncodeChat([new Modeling.Tokenization.ChatMessage("user", EngineCaller.Prompt(call))]).Policy];

    private static string Key(int[] ids) => string.Join(',', ids);

    private Task<Sidecar> StartAsync(SimulatedEngine? engine, int most)
    {
        var settings = new Dictionary<string, string?>
        {
            ["SeaGrpc:Models:Policy"] = policyFolder,
            ["SeaGrpc:Models:Reward"] = rewardFolder,
            ["SeaGrpc:Models:Device"] = options.Device,
            ["SeaGrpc:Models:Dtype"] = options.Dtype.ToString(),
            ["SeaGrpc:Models:Threads"] = threads.ToString(CultureInfo.InvariantCulture),
            ["SeaGrpc:Engine:QueueTimeout"] = "01:00:00",
            ["SeaGrpc:Engine:MaxConcurrentJobs"] = Math.Clamp(most, 1, 256).ToString(CultureInfo.InvariantCulture),
            ["SeaGrpc:Engine:MaxQueuedJobs"] = Math.Max(64, most).ToString(CultureInfo.InvariantCulture),
        };
        if (engine is not null)
        {
            settings["SeaGrpc:Models:Engine:Endpoint"] = engine.Address;
            settings["SeaGrpc:Models:Engine:Alternatives"] = Alternatives.ToString(CultureInfo.InvariantCulture);
            settings["SeaGrpc:Models:Engine:Connections"] = "10000";
            settings["SeaGrpc:Models:Engine:Http2"] = http2.ToString();
        }

        return EmbeddedSidecar.StartAsync(verbose: false, settings);
    }
}
