using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;
using SeaGrpc.FunctionalTests.OpenAi;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.FunctionalTests.Telemetry;
using SeaGrpc.Server;
using SeaGrpc.Testing.Runs;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Pairs;

/// <summary>Several policies in one server: docs/operations.md.</summary>
public sealed class SeveralPairsTests
{
    [Fact]
    public async Task A_request_names_the_pair_that_answers()
    {
        using var folders = new PairFolders();
        await using RunningServer server = await RunningServer.StartAsync(null, folders.Pair("second", 11, atStart: true));
        GetServerInfoResponse info = await server.Info.GetServerInfoAsync(new());
        Assert.Equal(
            [("policy", PairState.Loaded, true), ("second", PairState.Loaded, true)],
            info.Pairs.Select(pair => (pair.Name, pair.State, pair.LoadsAtStart)));
        Assert.Equal(info.Models, info.Pairs[0].Models);
        Assert.All(info.Pairs, pair => Assert.True(pair.WeightBytes > 0));

        AlignResponse first = await server.AlignAsync(Specs.Sea());
        AlignResponse named = await server.AlignAsync(Of("policy"));
        AlignResponse second = await server.AlignAsync(Of("second"));
        Assert.Equal(("policy", "second"), (first.Started.EffectiveSpec.Model, second.Started.EffectiveSpec.Model));
        Assert.Equal(first.Final.Response, named.Final.Response);
        Assert.NotEqual(first.Final.Response.LogProbability, second.Final.Response.LogProbability);
        Assert.Equal(
            info.Pairs.Select(pair => pair.Models[0].Sha256), [first.Started.PolicySha256, second.Started.PolicySha256]);
        AlignmentSpec again = second.Started.EffectiveSpec;
        again.Prompt = Specs.Sea().Prompt;
        Assert.Equal(second.Final.Response, (await server.AlignAsync(again)).Final.Response);

        ScoreRequest request = new() { Pairs = { new ScorePair { Prompt = Specs.Text("Hello"), Response = Specs.Response("a") } } };
        double own = (await server.Alignment.ScoreAsync(request)).Results[0].LogProbability;
        request.Model = "second";
        Assert.NotEqual(own, (await server.Alignment.ScoreAsync(request)).Results[0].LogProbability);
    }

    [Fact]
    public async Task A_pair_that_does_not_exist_is_not_found_and_the_error_lists_those_that_do()
    {
        using var folders = new PairFolders();
        await using RunningServer server = await RunningServer.StartAsync(null, folders.Pair("second", 11));
        RpcException unknown = await Failures.OfAsync(() => server.AlignAsync(Of("third")));
        unknown.AssertIs(StatusCode.NotFound, "UNKNOWN_MODEL");
        Assert.StartsWith("spec.model: there is no model \"third\"; served: \"policy\", \"second\".", unknown.Status.Detail);
        RpcException score = await Failures.OfAsync(async () => await server.Alignment.ScoreAsync(new ScoreRequest { Model = "third" }));
        score.AssertIs(StatusCode.NotFound, "UNKNOWN_MODEL");
        AlignBatchRequest batch = new() { Specs = { Of("third"), Of("second") } };
        using AsyncServerStreamingCall<AlignBatchResponse> call = server.Alignment.AlignBatch(batch);
        Dictionary<int, AlignBatchResponse> results = await call.ResponseStream.ReadAllAsync().ToDictionaryAsync(result => result.Index);
        Assert.Equal("UNKNOWN_MODEL", results[0].Error.Reason);
        Assert.Equal("second", results[1].Alignment.Started.EffectiveSpec.Model);
    }

    [Fact]
    public async Task A_pair_is_loaded_for_the_first_call_that_names_it_and_the_server_is_ready_before()
    {
        using var folders = new PairFolders();
        using var gate = new Gate();
        await using RunningServer server = await RunningServer.ListenAsync(
            null,
            models =>
            {
                if (models.Policy.Description.Name == "second-policy")
                {
                    gate.Pass();
                }

                return new ScriptedBackend(models, _ => null);
            },
            folders.Pair("second", 11));
        await server.ReadyAsync();
        Assert.Equal(PairState.NotLoaded, await StateAsync(server, "second"));

        Task<AlignResponse> waiting = server.AlignAsync(Of("second"));
        await gate.ArrivalAsync();
        Assert.Equal(PairState.Loading, await StateAsync(server, "second"));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await server.Health.CheckAsync(new())).Status);
        Assert.NotNull((await server.AlignAsync(Specs.Sea())).Final); // The other pair goes on.

        AlignmentSpec impatient = Of("second");
        impatient.QueueTimeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(20));
        RpcException late = await Failures.OfAsync(() => server.AlignAsync(impatient));
        late.AssertIs(StatusCode.ResourceExhausted, "QUEUE_TIMEOUT");
        late.AssertRetryable();

        gate.Open();
        Assert.NotNull((await waiting).Final);
        Assert.Equal(PairState.Loaded, await StateAsync(server, "second"));
    }

    [Fact]
    public async Task The_least_recently_used_pair_makes_room_for_another()
    {
        using var folders = new PairFolders();
        using var runs = new GatedRuns { Iterations = 1 };
        await using RunningServer server = await RunningServer.StartAsync(
            task => task.Seed == 99 ? runs.Script(task) : null,
            [
                "Models:MemoryMiB=10",
                .. folders.Pair("a", 11, PairFolders.Large), .. folders.Pair("b", 21, PairFolders.Large),
                .. folders.Pair("c", 31, PairFolders.Large),
            ]);
        await server.AlignAsync(Of("a"));
        await server.AlignAsync(Of("b"));
        await server.AlignAsync(Of("a"));
        Assert.Equal("LLL-", await StatesAsync(server));
        await server.AlignAsync(Of("c"));
        Assert.Equal("LL-L", await StatesAsync(server));

        Task<AlignResponse>[] running = [server.AlignAsync(Busy("a")), server.AlignAsync(Busy("c"))];
        await runs.Gate.ArrivalAsync();
        await runs.Gate.ArrivalAsync();
        RpcException full = await Failures.OfAsync(() => server.AlignAsync(Of("b")));
        full.AssertIs(StatusCode.ResourceExhausted, "MODEL_MEMORY");
        full.AssertRetryable();
        Assert.Contains("SeaGrpc:Models:MemoryMiB", full.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("policy, a, c", full.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("LL-L", await StatesAsync(server));

        runs.Gate.Open();
        Assert.All(await Task.WhenAll(running), response => Assert.NotNull(response.Final));
        Assert.NotNull((await server.AlignAsync(Of("b"))).Final);
        Assert.Equal(3, (await StatesAsync(server)).Count(state => state == 'L'));

        static AlignmentSpec Busy(string name)
        {
            AlignmentSpec spec = Of(name);
            spec.Seed = 99;
            return spec;
        }
    }

    [Fact]
    public async Task A_pair_that_cannot_be_loaded_says_why_and_is_tried_again()
    {
        using var folders = new PairFolders();
        string[] settings = folders.Pair("second", 11);
        File.Move(Path.Combine(folders.Path("second-policy"), "config.json"), folders.Path("aside"));
        await using RunningServer server = await RunningServer.StartAsync(null, ["Models:ReloadInterval=00:00:00.05", .. settings]);
        RpcException failed = await Failures.OfAsync(() => server.AlignAsync(Of("second")));
        failed.AssertIs(StatusCode.FailedPrecondition, "MODEL_UNUSABLE");
        Assert.Contains("config.json", failed.Status.Detail, StringComparison.Ordinal);
        PairInfo told = (await server.Info.GetServerInfoAsync(new())).Pairs[1];
        Assert.Equal(PairState.Failed, told.State);
        Assert.Contains("config.json", told.Reason, StringComparison.Ordinal);
        Assert.NotNull((await server.AlignAsync(Specs.Sea())).Final);

        File.Move(folders.Path("aside"), Path.Combine(folders.Path("second-policy"), "config.json"));
        AlignResponse? answer = null;
        while (answer is null)
        {
            try
            {
                answer = await server.AlignAsync(Of("second"));
            }
            catch (RpcException again) when (again.StatusCode == StatusCode.FailedPrecondition)
            {
                await Task.Delay(20);
            }
        }

        Assert.Equal("second", answer.Started.EffectiveSpec.Model);
    }

    [Fact]
    public async Task A_pair_whose_reward_runs_elsewhere_and_does_not_answer_keeps_no_other_pair_waiting()
    {
        using var folders = new PairFolders();
        await using RunningServer server = await RunningServer.StartAsync(
            null,
            [
                .. folders.Pair("third", 21), .. folders.Pair("second", 11),
                "Models:Pairs:second:Rewards:judge:Endpoint=http://127.0.0.1:9", "Models:Pairs:second:Rewards:judge:StartTimeout=01:00:00",
            ]);
        RpcException failed = await Failures.OfAsync(() => server.AlignAsync(Of("second")).WaitAsync(TimeSpan.FromMinutes(2)));
        failed.AssertIs(StatusCode.Unavailable, "MODEL_UNAVAILABLE");
        Assert.Contains("http://127.0.0.1:9", failed.Status.Detail, StringComparison.Ordinal);
        Assert.NotNull((await server.AlignAsync(Of("third"))).Final);
    }

    [Fact]
    public async Task A_pair_of_the_start_that_cannot_be_loaded_ends_the_start()
    {
        using var folders = new PairFolders();
        string[] settings = folders.Pair("second", 11, atStart: true);
        File.Delete(Path.Combine(folders.Path("second-reward"), "model.safetensors"));
        await using RunningServer server = await RunningServer.ListenAsync(null, null, settings);
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(server.ReadyAsync);
        Assert.Contains("\"second\"", StartFailure.Describe(failure), StringComparison.Ordinal);
        Assert.Contains("second-reward", StartFailure.Describe(failure), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alignment_of_any_pair_can_be_cancelled()
    {
        using var folders = new PairFolders();
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, folders.Pair("second", 11, atStart: true));
        AlignmentSpec spec = Of("second");
        spec.RequestId = "mine";
        Task<AlignResponse> running = server.AlignAsync(spec);
        await runs.Gate.ArrivalAsync();
        Assert.True((await server.Alignment.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = "mine" })).Cancelled);
        runs.Gate.Open();
        Assert.Equal(StopReason.Cancelled, (await running).Final.StopReason);
    }

    [Fact]
    public async Task OpenAI_s_model_names_a_pair_with_or_without_a_method()
    {
        using var folders = new PairFolders();
        await using RunningServer server = await RunningServer.StartAsync(
            null, ["OpenAi:Address=http://127.0.0.1:0", .. folders.Pair("second", 11)]);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        string[] before = await ModelsAsync(calls);
        Assert.Equal(["policy", "second"], before.Where(name => !name.Contains(':', StringComparison.Ordinal)));
        Assert.DoesNotContain("second:sea", before);

        var asked = OpenAiCalls.Asking("""{"model":"second:best-of-2","max_tokens":8,"logprobs":true}""", "Hello");
        System.Text.Json.JsonElement second = await calls.AskAsync(asked);
        PairInfo[] pairs = [.. (await server.Info.GetServerInfoAsync(new())).Pairs];
        Assert.Equal("second:best-of-2", second.GetProperty("model").GetString());
        Assert.Equal($"fp_{pairs[1].Models[0].Sha256[..12]}", second.GetProperty("system_fingerprint").GetString());
        System.Text.Json.JsonElement first =
            await calls.AskAsync(OpenAiCalls.Asking("""{"model":"policy","max_tokens":8}""", "Hello"));
        Assert.Equal($"fp_{pairs[0].Models[0].Sha256[..12]}", first.GetProperty("system_fingerprint").GetString());
        (List<System.Text.Json.JsonElement> chunks, _) =
            await calls.StreamAsync(OpenAiCalls.Asking("""{"model":"second","max_tokens":8}""", "Hello"));
        Assert.All(
            chunks,
            chunk => Assert.Equal($"fp_{pairs[1].Models[0].Sha256[..12]}", chunk.GetProperty("system_fingerprint").GetString()));

        Assert.Contains("second:sea", await ModelsAsync(calls));
        Assert.Equal("second", (await GetAsync(calls, "/v1/models/second")).GetProperty("id").GetString());
        (int status, System.Text.Json.JsonElement error, _) =
            await calls.FailAsync(OpenAiCalls.Asking("""{"model":"third"}""").ToJsonString());
        Assert.Equal((404, "model_not_found"), (status, error.GetProperty("code").GetString()));
        Assert.Contains("\"policy\", \"second\"", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_caller_that_is_let_in_makes_the_server_load_a_pair()
    {
        using var folders = new PairFolders();
        await using RunningServer server = await RunningServer.StartAsync(
            null, ["OpenAi:Address=http://127.0.0.1:0", "Security:AuthToken=0123456789abcdef", .. folders.Pair("second", 11)]);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (int status, _, _) = await calls.FailAsync(OpenAiCalls.Asking("""{"model":"second"}""").ToJsonString());
        Assert.Equal(401, status);
        var headers = new Metadata { { "authorization", "Bearer 0123456789abcdef" } };
        Assert.Equal(PairState.NotLoaded, (await server.Info.GetServerInfoAsync(new(), headers)).Pairs[1].State);
    }

    [Fact]
    public async Task Metrics_of_engines_have_the_pair_s_label()
    {
        using var folders = new PairFolders();
        await using RunningServer server = await RunningServer.StartAsync(null, folders.Pair("second", 11));
        await server.AlignAsync(Of("second"));
        await server.AlignAsync(Specs.Sea());
        using var http = new HttpClient();
        var page = new MetricsPage(await http.GetStringAsync($"{server.HttpAddress}/metrics"));
        foreach (string pair in new[] { "policy", "second" })
        {
            Assert.Equal(2, page.Sum("seagrpc_jobs_completed_total", ("pair", pair))); // One of the start.
            Assert.Equal(2, page.Sum("seagrpc_queue_wait_seconds_count", ("pair", pair)));
            Assert.Equal(4, page.Sum("seagrpc_jobs_active_limit", ("pair", pair)));
            Assert.Equal(2, page.Sum("seagrpc_model_info", ("pair", pair)));
            Assert.Equal(1, page.Sum("seagrpc_model_loads_total", ("pair", pair), ("outcome", "loaded")));
            Assert.True(page.Sum("seagrpc_memory_budget_bytes", ("pair", pair)) > 0);
        }

        // The page says which have none.
        string text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations.md"));
        string sentence = text.Split('\n').Single(line => line.StartsWith("With several policies, ", StringComparison.Ordinal));
        foreach (string name in page.Types.Keys.Where(name => name.StartsWith("seagrpc_", StringComparison.Ordinal)))
        {
            bool isTold = sentence.Contains($"`{name}`", StringComparison.Ordinal);
            Assert.True(isTold != page.Labels(name).Contains("pair"), name);
        }
    }

    private static AlignmentSpec Of(string pair)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Model = pair;
        return spec;
    }

    private static async Task<PairState> StateAsync(RunningServer server, string name) =>
        (await server.Info.GetServerInfoAsync(new())).Pairs.Single(pair => pair.Name == name).State;

    private static async Task<string> StatesAsync(RunningServer server) => string.Concat(
        (await server.Info.GetServerInfoAsync(new())).Pairs.Select(pair => pair.State == PairState.Loaded ? 'L' : '-'));

    private static async Task<string[]> ModelsAsync(OpenAiCalls calls) =>
    [
        .. (await GetAsync(calls, "/v1/models")).GetProperty("data").EnumerateArray()
            .Select(model => model.GetProperty("id").GetString()!),
    ];

    private static async Task<System.Text.Json.JsonElement> GetAsync(OpenAiCalls calls, string path) =>
        System.Text.Json.JsonElement.Parse(await calls.Client.GetStringAsync(new Uri(path, UriKind.Relative)));
}
