using System.Diagnostics.Metrics;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Security;
using SeaGrpc.Testing.Runs;
using SeaGrpc.Testing.Time;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Callers by the operator's file: docs/operations.md.</summary>
public sealed class CallersFileTests : IDisposable
{
    private readonly CallersJson _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_caller_is_the_same_by_each_of_its_tokens_and_shares_nothing_with_others()
    {
        _file.Write(("chat", []), ("batch", []));
        await using RunningServer server = await RunningServer.StartAsync(null, _file.Settings);
        (await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()))).AssertIs(StatusCode.Unauthenticated, "MISSING_TOKEN");
        (await Failures.OfAsync(() => server.AlignAsync(Specs.Sea(), CallersJson.As("nobody"))))
            .AssertIs(StatusCode.Unauthenticated, "WRONG_TOKEN");
        (await Failures.OfAsync(async () => await server.Info.GetServerInfoAsync(new(), CallersJson.As("nobody"))))
            .AssertIs(StatusCode.Unauthenticated, "WRONG_TOKEN");
        Assert.NotNull(await server.Health.CheckAsync(new()));

        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = "same";
        Assert.False((await server.AlignAsync(spec, CallersJson.As("chat"))).Final.Replayed);
        Assert.True((await server.AlignAsync(spec, CallersJson.As("chat", token: 1))).Final.Replayed);
        Assert.False((await server.AlignAsync(spec, CallersJson.As("batch"))).Final.Replayed);
    }

    [Fact]
    public async Task A_caller_cancels_only_what_is_its_own()
    {
        using var runs = new GatedRuns();
        _file.Write(("chat", []), ("batch", []));
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, _file.Settings);
        using AsyncServerStreamingCall<StreamAlignResponse> call = Stream(server, CallersJson.As("chat"));
        var cancel = new CancelAlignmentRequest { AlignmentId = (await FirstAsync(call)).Started.AlignmentId };
        Assert.False((await server.Alignment.CancelAlignmentAsync(cancel, CallersJson.As("batch"))).Cancelled);
        Assert.True((await server.Alignment.CancelAlignmentAsync(cancel, CallersJson.As("chat", token: 1))).Cancelled);
        runs.Gate.Open();
    }

    [Fact]
    public async Task What_a_caller_may_not_use_is_refused_with_what_it_may()
    {
        _file.Write(
            ("chat", new() { ["methods"] = new[] { "sea", "best_of_n" } }),
            ("judge", new() { ["rpcs"] = new[] { "Score", "GetServerInfo" } }));
        await using RunningServer server = await RunningServer.StartAsync(null, _file.Settings);
        Assert.NotNull((await server.AlignAsync(Specs.Sea(), CallersJson.As("chat"))).Final);
        AlignmentSpec searched = new() { Prompt = Specs.Text("Hi"), MaxResponseTokens = 4 }; // energy_search by default
        RpcException method = await Failures.OfAsync(() => server.AlignAsync(searched, CallersJson.As("chat")));
        method.AssertIs(StatusCode.PermissionDenied, "METHOD_NOT_ALLOWED");
        Assert.Equal("The caller chat may not use the method energy_search; allowed: best_of_n, sea.", method.Status.Detail);
        Assert.Equal(("chat", "energy_search"), (method.Info().Metadata["caller"], method.Info().Metadata["method"]));

        (await Failures.OfAsync(() => server.StreamAsync(Specs.Sea(), CallersJson.As("judge"))))
            .AssertIs(StatusCode.PermissionDenied, "RPC_NOT_ALLOWED");
        Assert.NotEmpty((await server.Info.GetServerInfoAsync(new(), CallersJson.As("judge"))).Models);
        Assert.Single((await ScoreAsync(server, "judge")).Results);
    }

    [Fact]
    public async Task Beyond_its_calls_at_once_a_caller_is_told_when_to_try_again_and_others_are_served()
    {
        using var runs = new GatedRuns { Iterations = 3 };
        _file.Write(("chat", new() { ["max_concurrent_calls"] = 1 }), ("batch", []));
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, _file.Settings);
        using AsyncServerStreamingCall<StreamAlignResponse> one = Stream(server, CallersJson.As("chat"));
        AlignmentStarted started = (await FirstAsync(one)).Started;

        RpcException refused = await Failures.OfAsync(() => server.AlignAsync(Specs.Sea(), CallersJson.As("chat", token: 1)));
        refused.AssertIs(StatusCode.ResourceExhausted, "TOO_MANY_CALLS");
        refused.AssertRetryable();
        Assert.Equal("1", refused.Info().Metadata["max"]);
        (await Failures.OfAsync(() => ScoreAsync(server, "chat"))).AssertIs(StatusCode.ResourceExhausted, "TOO_MANY_CALLS");
        Assert.NotEmpty((await server.Info.GetServerInfoAsync(new(), CallersJson.As("chat"))).Models);
        using AsyncServerStreamingCall<StreamAlignResponse> other = Stream(server, CallersJson.As("batch"));
        Assert.True(
            (await server.Alignment.CancelAlignmentAsync(new() { AlignmentId = started.AlignmentId }, CallersJson.As("chat"))).Cancelled);
        runs.Gate.Open();
        Assert.NotNull((await FirstAsync(other)).Started);
        await EndsAsync(one);
        await ServedAsync(() => server.AlignAsync(Specs.Sea(), CallersJson.As("chat")), "TOO_MANY_CALLS");
    }

    [Fact]
    public async Task Tokens_that_were_read_count_against_a_minutes_and_flow_back_with_the_time()
    {
        var clock = new ManualTimeProvider();
        _file.Write(("chat", new() { ["tokens_per_minute"] = 600 }), ("batch", []));
        await using RunningServer server = await RunningServer.StartAsync(
            clock, () => new ScriptedRun { TokensPerAdvance = 300 }, _file.Settings);

        // Four advances read 1200 tokens, a draft and three iterations: 600 more than a minute's.
        Assert.Equal(1200, (await server.AlignAsync(Specs.Sea(), CallersJson.As("chat"))).Final.Cost.PolicyTokens);
        RpcException refused = await RefusedAsync(server);
        refused.AssertRetryable();
        TimeSpan wait = refused.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>()!.RetryDelay.ToTimeSpan();
        Assert.Equal(60.1, wait.TotalSeconds, 0.2);
        Assert.Equal("600", refused.Info().Metadata["max"]);
        Assert.NotNull((await server.AlignAsync(Specs.Sea(), CallersJson.As("batch"))).Final);

        clock.Advance(wait - TimeSpan.FromSeconds(1));
        await RefusedAsync(server);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await server.AlignAsync(Specs.Sea(), CallersJson.As("chat"))).Final);
        await RefusedAsync(server);
    }

    [Fact]
    public async Task A_replay_reads_nothing_and_a_score_reads_its_pairs()
    {
        _file.Write(("chat", new() { ["tokens_per_minute"] = 10_000_000 }));
        await using RunningServer server = await RunningServer.StartAsync(null, _file.Settings);
        using var read = new CallerTokens(server);
        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = "once";
        AlignmentCost cost = (await server.AlignAsync(spec, CallersJson.As("chat"))).Final.Cost;
        Assert.Equal(cost.PolicyTokens + cost.RewardTokens, await read.AfterAsync(1));
        Assert.True((await server.AlignAsync(spec, CallersJson.As("chat"))).Final.Replayed);
        Assert.Equal(cost.PolicyTokens + cost.RewardTokens, await read.AfterAsync(2));
        ScoreResponse scored = await ScoreAsync(server, "chat");
        Assert.InRange(
            await read.AfterAsync(3) - cost.PolicyTokens - cost.RewardTokens, 2 * scored.Results[0].ResponseTokens + 2, 1000);
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_charged_for_what_it_has_read()
    {
        using var gate = new Gate();
        _file.Write(("chat", new() { ["tokens_per_minute"] = 600 }));
        await using RunningServer server = await RunningServer.StartAsync(
            new ManualTimeProvider(), () => new ScriptedRun { TokensPerAdvance = 500, Iterations = 1000, OnAdvance = _ => gate.Pass() },
            _file.Settings);
        using var read = new CallerTokens(server);
        using (AsyncServerStreamingCall<StreamAlignResponse> call = Stream(server, CallersJson.As("chat")))
        {
            gate.Permit(4);
            while (await call.ResponseStream.MoveNext(default) && call.ResponseStream.Current.Iteration is not { Index: 2 })
            {
            }
        }

        gate.Open();
        Assert.True(await read.AfterAsync(1) >= 1000);
        await RefusedAsync(server);
    }

    [Fact]
    public async Task A_priority_above_a_callers_highest_counts_as_that_and_a_trailer_says_so()
    {
        using var runs = new GatedRuns { Iterations = 1 };
        _file.Write(("batch", new() { ["max_priority"] = "low" }), ("chat", []));
        await using RunningServer server =
            await RunningServer.StartAsync(runs.Script, [.. _file.Settings, "Engine:MaxConcurrentJobs=1", "Engine:PriorityStep=01:00:00"]);
        using AsyncServerStreamingCall<StreamAlignResponse> running = Stream(server, CallersJson.As("chat"));
        await FirstAsync(running);
        using AsyncServerStreamingCall<StreamAlignResponse> first = Stream(server, CallersJson.As("batch", "high"));
        Assert.Equal(1, (await FirstAsync(first)).Queued.Position);
        using AsyncServerStreamingCall<StreamAlignResponse> second = Stream(server, CallersJson.As("chat"));
        Assert.Equal(1, (await FirstAsync(second)).Queued.Position); // It goes before the one that asked for more than it may.
        runs.Gate.Open();
        await EndsAsync(first);
        Assert.Equal("low", first.GetTrailers().GetValue("sea-priority"));
        await EndsAsync(second);
        Assert.Null(second.GetTrailers().GetValue("sea-priority"));
    }

    [Fact]
    public async Task Callers_come_and_go_with_the_file_and_a_bad_one_changes_nothing_but_the_log()
    {
        using var folders = new TinyFolders();
        _file.Write(("chat", []));
        using ServerProcess process = ServerProcess.Start(folders, [.. _file.Settings, "--Logging:LogLevel:Default=Trace"]);
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        var client = new AlignmentService.AlignmentServiceClient(channel);
        Task<AlignResponse> CallAsync(string name) =>
            client.AlignAsync(new AlignRequest { Spec = Specs.Sea() }, CallersJson.As(name)).ResponseAsync;
        await CallAsync("chat");
        Assert.Contains(", caller chat;", await process.LineAsync("Align OK"));
        (await Failures.OfAsync(() => CallAsync("batch"))).AssertIs(StatusCode.Unauthenticated, "WRONG_TOKEN");

        _file.Write(("batch", new() { ["max_priority"] = "low" }));
        await process.LineAsync($"Callers: {_file.Path} names 1: batch.");
        await CallAsync("batch");
        (await Failures.OfAsync(() => CallAsync("chat"))).AssertIs(StatusCode.Unauthenticated, "WRONG_TOKEN");

        // The token itself, where its hash belongs.
        await File.WriteAllTextAsync(
            _file.Path,
            $$"""{ "callers": [ { "name": "chat", "token_sha256": ["{{CallersJson.TokenOf("chat")}}"], "max_priorty": "low" } ] }""");
        await process.LineAsync("callers[0].max_priorty: there is no such key; did you mean max_priority?");
        await CallAsync("batch");
        await File.WriteAllTextAsync(_file.Path, $"{CallersJson.TokenOf("chat")}");
        await process.LineAsync($"{_file.Path} is not valid JSON at line 1");
        await CallAsync("batch");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.DoesNotContain("nobody-guesses", process.Output);
        Assert.DoesNotContain(CallersJson.Hash(CallersJson.TokenOf("batch")), process.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_single_token_is_in_no_log()
    {
        using var folders = new TinyFolders();
        using ServerProcess process =
            ServerProcess.Start(folders, "Security:AuthToken=correct-horse-battery", "--Logging:LogLevel:Default=Trace");
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        var client = new AlignmentService.AlignmentServiceClient(channel);
        foreach (string token in (string[])["correct-horse-battery", "wrong-horse-battery"])
        {
            AsyncUnaryCall<AlignResponse> call = client.AlignAsync(
                new AlignRequest { Spec = Specs.Sea() }, new Metadata { { "authorization", $"Bearer {token}" } });
            await Task.WhenAny(call.ResponseAsync);
        }

        Assert.Contains(", caller -;", await process.LineAsync("WRONG_TOKEN"));
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.DoesNotContain("horse", process.Output);
    }

    [Fact]
    public void All_problems_of_a_file_are_told_with_their_places()
    {
        string hash = CallersJson.Hash("one-token-for-two");
        File.WriteAllText(_file.Path, $$"""
            { "callers": [
                { "name": "chat", "token_sha256": ["{{hash}}"], "methods": ["energy_serch"], "tokens_per_minute": 0 },
                { "name": "chat", "token_sha256": ["{{hash}}"], "max_concurrent_calls": 1.5, "max_priority": "highest", "rpcs": [] },
                { "name": "a b", "token_sha256": [] },
                7
            ], "note": "" }
            """);
        string told = Assert.Throws<FileFaultException>(() => CallersFile.Read(_file.Path)).Message;
        foreach (string part in (string[])
            [
                $"SeaGrpc:Security:CallersFile: {_file.Path} has 11 problems:",
                "\n  note: there is no such key; did you mean callers?",
                "\n  callers[0].tokens_per_minute: it must be a whole number from 1 to ",
                "\n  callers[0].methods: there is no 'energy_serch'; did you mean energy_search?",
                "\n  callers[1].max_priority: it must be low, normal or high.",
                "\n  callers[1].max_concurrent_calls: it must be a whole number from 1 to ",
                "\n  callers[1].rpcs: it must be a list of names",
                "\n  callers[2].name: it must be 1 to 64 letters",
                "\n  callers[2].token_sha256: it must be a list of 1 to 8 hashes",
                "\n  callers[3]: it must be an object.",
                "\n  callers: the name 'chat' is given twice.",
                "\n  callers: chat and chat have the same token.",
            ])
        {
            Assert.Contains(part, told);
        }
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("", "is empty or not an ordinary file")]
    [InlineData("[]", "it must be an object with the list \"callers\".")]
    [InlineData("{\"callers\": []}", "callers: there must be 1 to 1000.")]
    [InlineData("{\"callers\": 1, \"callers\": 2}", "has a key twice in one object")]
    public async Task A_file_of_no_use_ends_the_start(string? content, string told)
    {
        if (content is not null)
        {
            await File.WriteAllTextAsync(_file.Path, content);
        }

        FileFaultException failure = await Assert.ThrowsAsync<FileFaultException>(
            () => RunningServer.ListenAsync(null, null, _file.Settings));
        Assert.StartsWith($"SeaGrpc:Security:CallersFile: {_file.Path}", failure.Message);
        Assert.Contains(told, failure.Message);
    }

    [Fact]
    public void The_pages_example_is_a_file_of_callers()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        string example = page.Split("```json\n").Single(part => part.Contains("token_sha256")).Split("```")[0];
        File.WriteAllText(_file.Path, example);
        Assert.Equal(JsonDocument.Parse(example).RootElement.GetProperty("callers").GetArrayLength(), CallersFile.Read(_file.Path).Count);
    }

    private static async Task<RpcException> RefusedAsync(RunningServer server)
    {
        RpcException refused = await Failures.OfAsync(() => server.AlignAsync(Specs.Sea(), CallersJson.As("chat")));
        refused.AssertIs(StatusCode.ResourceExhausted, "TOKEN_QUOTA");
        return refused;
    }

    /// <summary>Calls until the server has noticed that what held the call up is over.</summary>
    private static async Task ServedAsync(Func<Task> call, string reason)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (RpcException refused) when (refused.Info().Reason == reason)
            {
                await Task.Delay(5);
            }
        }
    }

    private static async Task<ScoreResponse> ScoreAsync(RunningServer server, string caller) => await server.Alignment.ScoreAsync(
        new ScoreRequest { Pairs = { new ScorePair { Prompt = Specs.Text("Hi"), Response = Specs.Response("Well") } } },
        CallersJson.As(caller));

    private static AsyncServerStreamingCall<StreamAlignResponse> Stream(RunningServer server, CallOptions options) =>
        server.Alignment.StreamAlign(new StreamAlignRequest { Spec = Specs.Sea() }, options);

    private static async Task<StreamAlignResponse> FirstAsync(AsyncServerStreamingCall<StreamAlignResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(default));
        return call.ResponseStream.Current;
    }

    private static async Task EndsAsync(AsyncServerStreamingCall<StreamAlignResponse> call)
    {
        while (await call.ResponseStream.MoveNext(default))
        {
        }
    }

    /// <summary>The counter of a server's caller tokens.</summary>
    private sealed class CallerTokens : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly SemaphoreSlim _ended = new(0);
        private long _tokens;
        private int _calls;

        public CallerTokens(RunningServer server)
        {
            Meter meter = server.Meters.Create(new MeterOptions("SeaGrpc"));
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter && instrument.Name == "seagrpc.caller.tokens")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, tokens, tags, _) =>
            {
                Assert.Equal(("caller", "chat"), (tags[0].Key, tags[0].Value));
                Interlocked.Add(ref _tokens, tokens);
                _ended.Release();
            });
            _listener.Start();
        }

        /// <summary>The tokens after so many calls.</summary>
        public async Task<long> AfterAsync(int calls)
        {
            for (; _calls < calls; _calls++)
            {
                await _ended.WaitAsync();
            }

            return Interlocked.Read(ref _tokens);
        }

        public void Dispose()
        {
            _listener.Dispose();
            _ended.Dispose();
        }
    }
}
