using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.RemoteRewards;

/// <summary>Rewards over HTTP, as Text Embeddings Inference and vLLM speak it.</summary>
public sealed class HttpRewardTests
{
    private readonly ConcurrentQueue<JsonObject> _asked = [];
    private readonly ConcurrentQueue<string?> _keys = [];
    private readonly ConcurrentQueue<long?> _lengths = [];
    private Func<int, IResult?> _instead = _ => null;
    private int _requests;

    [Fact]
    public async Task Text_Embeddings_Inference_predicts_and_its_raw_scores_are_the_rewards()
    {
        // The labels come with the highest score first.
        await using RewardHost host = await HostAsync("/predict", body => new JsonArray([.. body["inputs"]!.AsArray().Select(input =>
        {
            double worth = RewardHost.Worth((string)input!.AsArray().Single()!);
            return (JsonNode)new JsonArray(
                [.. new[] { ("bad", 1.5), ("good", worth) }.OrderByDescending(label => label.Item2)
                    .Select(label => (JsonNode)new JsonObject { ["score"] = label.Item2, ["label"] = label.Item1 })]);
        })]));
        await using RunningServer server = await StartAsync(host, "Tei", "Label=good - bad", "ApiKey=secret-key");
        string[] texts = ["one", "two", "three"];
        Assert.Equal(
            texts.Select(text => RewardHost.Worth($"Hello\n{Read(server, text)}") - 1.5), await ScoreAsync(server, texts));
        JsonObject asked = Assert.Single(_asked);
        Assert.Equal((true, false), ((bool)asked["raw_scores"]!, (bool)asked["truncate"]!));
        Assert.Equal(
            texts.Select(text => $"[\"Hello\\n{Read(server, text)}\"]"), asked["inputs"]!.AsArray().Select(input => input!.ToJsonString()));
        Assert.All(_keys, key => Assert.Equal("Bearer secret-key", key));
    }

    [Fact]
    public async Task More_texts_than_a_server_takes_are_several_requests()
    {
        await using RewardHost host = await HostAsync("/predict", body => new JsonArray([.. body["inputs"]!.AsArray().Select(input =>
            (JsonNode)new JsonArray(new JsonObject
            {
                ["score"] = RewardHost.Worth((string)input![0]!),
                ["label"] = "LABEL_0",
            }))]));
        await using RunningServer server = await StartAsync(host, "Tei", "BatchSize=3");
        string[] texts = ["a", "b", "c", "d", "e", "f", "g"];
        Assert.Equal(texts.Select(text => RewardHost.Worth($"Hello\n{Read(server, text)}")), await ScoreAsync(server, texts));
        Assert.Equal([1, 3, 3], _asked.Select(request => request["inputs"]!.AsArray().Count).Order());
    }

    [Fact]
    public async Task VLLM_classifies_without_activation_and_its_results_are_taken_by_their_index()
    {
        await using RewardHost host = await HostAsync("/v1/classify", body => Data(body, (text, index) => new JsonObject
        {
            ["index"] = index,
            ["label"] = "ham",
            ["probs"] = new JsonArray(-2.5, RewardHost.Worth(text)),
            ["num_classes"] = 2,
        }));
        await using RunningServer server = await StartAsync(
            host, "VllmClassify", "Label=log_probability(LABEL_1)", "Model=some/model", path: "/v1");
        string[] texts = ["one", "two", "three"];
        double[] rewards = await ScoreAsync(server, texts);
        for (int row = 0; row < texts.Length; row++)
        {
            double worth = RewardHost.Worth($"Hello\n{Read(server, texts[row])}");
            Assert.Equal(worth - Math.Log(Math.Exp(worth) + Math.Exp(-2.5)), rewards[row], 1e-5);
        }

        JsonObject asked = Assert.Single(_asked);
        Assert.Equal(("some/model", false, false), (
            (string)asked["model"]!, (bool)asked["use_activation"]!, asked.ContainsKey("add_special_tokens")));
    }

    [Fact]
    public async Task VLLM_pools_and_the_last_token_counts_where_it_answers_for_each()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.File("chat_template.jinja"),
            "{% for turn in messages %}{{ '<u>' if turn.role == 'user' else '<a>' }}{{ turn.content }}{% endfor %}</s>");
        bool perToken = false;
        await using RewardHost host = await HostAsync("/pooling", body => Data(body, (text, index) => new JsonObject
        {
            ["index"] = index,
            ["object"] = "pooling",
            ["data"] = perToken
                ? new JsonArray(new JsonArray(9.0), new JsonArray(RewardHost.Worth(text)))
                : new JsonArray(RewardHost.Worth(text)),
        }));
        await using RunningServer server = await StartAsync(host, "VllmPooling", $"Template={folder.Path}");
        string[] texts = ["one", "two"];
        double[] worth = [.. texts.Select(text => RewardHost.Worth($"<u>Hello<a>{Read(server, text)}</s>"))];
        Assert.Equal(worth, await ScoreAsync(server, texts));
        Assert.False((bool)Assert.Single(_asked)["add_special_tokens"]!);
        perToken = true;
        Assert.Equal(worth, await ScoreAsync(server, texts));
    }

    [Fact]
    public async Task Passing_failures_are_retried()
    {
        await using RewardHost host = await HostAsync("/pooling", Pool);
        await using RunningServer server = await StartAsync(host, "VllmPooling");
        int first = _requests;
        _instead = number => number == first + 1 ? Results.Text("busy", statusCode: 429)
            : number == first + 2 ? Results.Text("busy", statusCode: 503)
            : null;
        Assert.Single(await ScoreAsync(server, ["one"]));
        Assert.Equal(first + 3, _requests);
        _instead = _ => Results.Text("busy", statusCode: 500);
        Assert.Contains("answered 500", (await Failures.OfAsync(() => ScoreAsync(server, ["one"]))).Status.Detail);
        Assert.Equal(first + 6, _requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task Requests_that_it_refuses_are_not_counted_against_it(int status)
    {
        await using RewardHost host = await HostAsync("/pooling", Pool);
        await using RunningServer server = await StartAsync(host, "VllmPooling");
        _instead = _ => Results.Text("too long", statusCode: status);
        for (int call = 0; call < 8; call++)
        {
            RpcException failure = await Failures.OfAsync(() => ScoreAsync(server, ["long"]));
            Assert.Contains($"answered {status}", failure.Status.Detail);
        }

        _instead = _ => null;
        Assert.Single(await ScoreAsync(server, ["one"]));
    }

    [Fact]
    public async Task A_request_says_how_long_it_is()
    {
        await using RewardHost host = await HostAsync("/pooling", Pool);
        await using RunningServer server = await StartAsync(host, "VllmPooling");
        await ScoreAsync(server, ["one"]);
        Assert.NotEmpty(_lengths);
        Assert.All(_lengths, length => Assert.True(length > 0));
    }

    [Fact]
    public async Task A_reply_that_is_no_reward_is_an_error_with_its_name_and_address()
    {
        (int Status, string Body, string Told)[] replies =
        [
            (400, "{\"error\":\"too long\"}", "answered 400 Bad Request: {\"error\":\"too long\"}"),
            (200, "nonsense", "answered something that is not JSON"),
            (200, "{\"data\":[]}", "answered with 0 results instead of 1"),
            (200, "{\"data\":[{\"index\":0,\"data\":[null]}]}", "answered null instead of a number"),
            (200, "{\"data\":[{\"index\":1,\"data\":[1]}]}", "answered with the index 1"),
            (200, "{\"data\":[{\"index\":0,\"data\":[1,2]}]}", "has 2 labels and no setting says"),
            (200, "{\"data\":[{\"index\":0,\"data\":[1e300]}]}", "which is no finite number"),
            (200, "[]", "answered without the member \"data\""),
        ];
        await using RewardHost host = await HostAsync("/pooling", Pool);
        await using RunningServer server = await StartAsync(host, "VllmPooling");
        foreach ((int status, string body, string told) in replies)
        {
            _instead = _ => Results.Text(body, "application/json", statusCode: status);
            RpcException failure = await Failures.OfAsync(() => ScoreAsync(server, ["one"]));
            failure.AssertIs(
                status == 200 ? StatusCode.Internal : StatusCode.Unavailable, status == 200 ? "REWARD_MALFORMED" : "REWARD_UNAVAILABLE");
            Assert.Contains($"The reward judge at {host.Address} ", failure.Status.Detail);
            Assert.Contains(told, failure.Status.Detail);
            _instead = _ => null; // Most requests succeed, so that it goes on being asked.
            await ScoreAsync(server, ["two"]);
            await ScoreAsync(server, ["three"]);
        }
    }

    [Fact]
    public async Task A_vLLM_that_answers_probabilities_is_refused_at_the_start()
    {
        await using RewardHost host = await HostAsync("/classify", body => Data(body, (_, index) => new JsonObject
        {
            ["index"] = index,
            ["probs"] = new JsonArray(0.25, 0.75),
        }));
        await using RunningServer server = await RunningServer.ListenAsync(
            null, null, $"Models:Rewards:judge:Endpoint={host.Address}", "Models:Rewards:judge:Kind=VllmClassify",
            "Models:Rewards:judge:Label=LABEL_1");
        Assert.Contains("probabilities", (await Assert.ThrowsAnyAsync<Exception>(server.ReadyAsync)).Message);
    }

    private static JsonNode Pool(JsonObject body) => Data(body, (text, index) => new JsonObject
    {
        ["index"] = index,
        ["data"] = new JsonArray(RewardHost.Worth(text)),
    });

    // In the opposite order of the texts: what counts is the index.
    private static JsonObject Data(JsonObject body, Func<string, int, JsonObject> result) => new()
    {
        ["data"] = new JsonArray(
            [.. body["input"]!.AsArray().Select((text, index) => (JsonNode)result((string)text!, index)).Reverse()]),
    };

    private static string Read(RunningServer server, string text) =>
        server.Models.Served.Tokenizer.Decode(server.Models.Served.Prompts.EncodeResponse(text));

    private static async Task<double[]> ScoreAsync(RunningServer server, string[] texts) =>
    [
        .. (await server.Alignment.ScoreAsync(new ScoreRequest
        {
            Pairs = { texts.Select(text => new ScorePair { Prompt = Specs.Text("Hello"), Response = Specs.Response(text) }) },
        })).Results.Select(result => result.Reward),
    ];

    private Task<RewardHost> HostAsync(string path, Func<JsonObject, JsonNode> answer) => RewardHost.StartHttpAsync(app => app.MapPost(
        path,
        async (HttpContext context) =>
        {
            int number = Interlocked.Increment(ref _requests);
            var body = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
            _keys.Enqueue(context.Request.Headers.Authorization);
            _lengths.Enqueue(context.Request.ContentLength);
            _asked.Enqueue(body);
            return _instead(number) ?? Results.Text(answer(body).ToJsonString(), "application/json");
        }));

    private async Task<RunningServer> StartAsync(RewardHost host, string kind, params string[] settings) =>
        await StartAsync(host, kind, settings, path: "");

    private Task<RunningServer> StartAsync(RewardHost host, string kind, string first, string second, string path) =>
        StartAsync(host, kind, [first, second], path);

    private async Task<RunningServer> StartAsync(RewardHost host, string kind, string[] settings, string path)
    {
        RunningServer server = await RunningServer.ListenAsync(
            null,
            null,
            [
                $"Models:Rewards:judge:Endpoint={host.Address}{path}",
                $"Models:Rewards:judge:Kind={kind}",
                .. settings.Select(setting => $"Models:Rewards:judge:{setting}"),
            ]);
        await server.ReadyAsync();
        _asked.Clear();
        return server;
    }
}
