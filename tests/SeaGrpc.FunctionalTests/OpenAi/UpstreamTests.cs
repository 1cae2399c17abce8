using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>In front of a backend that has OpenAI's API already: its drafts are picked from or improved.</summary>
public sealed class UpstreamTests
{
    private const string Good = "Our team will answer your calls.";
    private const string Bad = "Our team will ignore your calls. Your data will stay public.";
    private const string Middling = "Our team will answer your calls. Your data will stay private.";

    [Fact]
    public async Task The_draft_of_the_highest_reward_goes_back_as_it_is()
    {
        await using Backend backend = await Backend.StartAsync(Bad, Good, Middling);
        await using RunningServer server = await StartAsync(backend, "Drafts=3");
        using var calls = new OpenAiCalls(server.OpenAiAddress);

        JsonElement reply = await calls.AskAsync(Asking("""{"temperature":0.9,"top_p":0.95,"max_tokens":50,"some_field":1}"""));

        JsonElement choice = reply.GetProperty("choices")[0];
        Assert.Equal(Good, choice.GetProperty("message").GetProperty("content").GetString());
        JsonElement sea = choice.GetProperty("sea");
        Assert.Equal("best_of_n", sea.GetProperty("method").GetString());
        double[] rewards = [.. sea.GetProperty("upstream").GetProperty("rewards").EnumerateArray().Select(reward => reward.GetDouble())];
        Assert.Equal(rewards.OrderDescending(), rewards);
        Assert.Equal((3, rewards[0]), (rewards.Length, sea.GetProperty("reward").GetDouble()));
        Assert.Equal((11, 60), (Usage(reply, "prompt_tokens"), Usage(reply, "completion_tokens")));

        JsonElement asked = Assert.Single(backend.Asked);
        Assert.Equal(3, asked.GetProperty("n").GetInt32());
        Assert.Equal("their-model", asked.GetProperty("model").GetString());
        Assert.Equal((0.9, 0.95, 50), (
            asked.GetProperty("temperature").GetDouble(), asked.GetProperty("top_p").GetDouble(),
            asked.GetProperty("max_tokens").GetInt32()));
        Assert.Equal(1, asked.GetProperty("some_field").GetInt32());
        Assert.False(asked.TryGetProperty("sea", out _));
        Assert.Equal("Bearer backend-key", Assert.Single(backend.Authorizations));
    }

    [Fact]
    public async Task A_backend_that_gives_one_draft_at_a_time_is_asked_several_times()
    {
        await using Backend backend = await Backend.StartAsync(Bad, Good, Middling);
        backend.MostAtOnce = 1;
        await using RunningServer server = await StartAsync(backend, "Drafts=3");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (List<JsonElement> chunks, bool isDone) = await calls.StreamAsync(Asking("""{"seed":5}"""));
        Assert.True(isDone);
        Assert.Equal(Good, string.Concat(chunks.Select(chunk => Content(chunk.GetProperty("choices")[0]))));
        Assert.Equal([5L, 6, 7], backend.Asked.Select(asked => asked.GetProperty("seed").GetInt64()).Order());
    }

    [Fact]
    public async Task The_best_few_are_the_answers_where_several_are_wanted()
    {
        await using Backend backend = await Backend.StartAsync(Bad, Good, Middling);
        await using RunningServer server = await StartAsync(backend, "Drafts=1");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonElement reply = await calls.AskAsync(Asking("""{"n":2,"sea":{"drafts":3}}"""));
        JsonElement[] choices = [.. reply.GetProperty("choices").EnumerateArray()];
        Assert.Equal(Good, choices[0].GetProperty("message").GetProperty("content").GetString());
        Assert.NotEqual(Good, choices[1].GetProperty("message").GetProperty("content").GetString());
        Assert.Single(backend.Asked);
    }

    [Fact]
    public async Task A_method_improves_the_best_draft()
    {
        await using Backend backend = await Backend.StartAsync(Bad, Good);
        await using RunningServer server = await StartAsync(backend, "Drafts=2");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonElement reply = await calls.AskAsync(
            Asking("""{"model":"their-model:energy_search[budget_tokens=1500,max_fluency_loss=100]"}"""));
        JsonElement sea = reply.GetProperty("choices")[0].GetProperty("sea");
        Assert.Equal("energy_search", sea.GetProperty("method").GetString());
        Assert.Equal(Good, sea.GetProperty("draft").GetProperty("text").GetString());
        Assert.Equal(2, sea.GetProperty("upstream").GetProperty("drafts").GetInt32());
        Assert.True(sea.GetProperty("energy").GetDouble() < sea.GetProperty("draft").GetProperty("energy").GetDouble());
    }

    [Fact]
    public async Task A_caller_with_a_draft_of_its_own_needs_none_from_there()
    {
        await using Backend backend = await Backend.StartAsync(Good);
        await using RunningServer server = await StartAsync(backend);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonElement reply = await calls.AskAsync(
            Asking($$$"""{"sea":{"draft":"{{{Middling}}}","method":"energy_search","budget_tokens":500}}"""));
        Assert.Equal(
            Middling, reply.GetProperty("choices")[0].GetProperty("sea").GetProperty("draft").GetProperty("text").GetString());
        Assert.Empty(backend.Asked);
    }

    [Fact]
    public async Task The_policys_own_name_asks_the_policy()
    {
        await using Backend backend = await Backend.StartAsync(Good);
        await using RunningServer server = await StartAsync(backend);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        await calls.AskAsync(OpenAiCalls.Asking("""{"model":"tiny-policy:base"}"""));
        Assert.Empty(backend.Asked);
        string[] models = [.. JsonElement.Parse(await calls.Client.GetStringAsync("/v1/models")).GetProperty("data").EnumerateArray()
            .Select(model => model.GetProperty("id").GetString()!)];
        Assert.Equal(["their-model", "other:7b", "tiny-policy"], models[..3]);
    }

    [Theory]
    [InlineData("other:7b", "other:7b", 2)]
    [InlineData("other:7b:best-of-3", "other:7b", 3)]
    public async Task Names_there_may_have_colons(string given, string asked, int drafts)
    {
        await using Backend backend = await Backend.StartAsync(Bad, Good, Middling);
        await using RunningServer server = await StartAsync(backend, "Drafts=2");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        await calls.AskAsync(Asking($$"""{"model":"{{given}}"}"""));
        JsonElement request = Assert.Single(backend.Asked);
        Assert.Equal((asked, drafts), (request.GetProperty("model").GetString(), request.GetProperty("n").GetInt32()));
    }

    [Theory]
    [InlineData(400, 400, "bad_thing")]
    [InlineData(429, 429, "bad_thing")]
    [InlineData(401, 502, "upstream_unauthorized")]
    [InlineData(500, 502, "upstream_failed")]
    public async Task Its_errors_are_told_as_such(int status, int expected, string code)
    {
        await using Backend backend = await Backend.StartAsync(Good);
        backend.Status = status;
        await using RunningServer server = await StartAsync(backend, "Attempts=1");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (int told, JsonElement error, HttpResponseMessage response) = await calls.FailAsync(Asking().ToJsonString());
        Assert.Equal((expected, code), (told, error.GetProperty("code").GetString()));
        Assert.Contains("their own words", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(status == 429, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task A_passing_failure_is_tried_again()
    {
        await using Backend backend = await Backend.StartAsync(Good);
        backend.Failures = 1;
        await using RunningServer server = await StartAsync(backend);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        Assert.Equal(Good, await calls.AnswerAsync(Asking()));
    }

    [Fact]
    public async Task A_backend_that_is_down_is_an_error_or_the_policy_answers_by_setting()
    {
        Backend backend = await Backend.StartAsync(Good);
        await using RunningServer strict = await StartAsync(backend, "Attempts=1");
        await using RunningServer lenient = await StartAsync(backend, "Attempts=1", "OnFailure=Local", "Drafts=2");
        await backend.DisposeAsync();
        using var calls = new OpenAiCalls(strict.OpenAiAddress);
        (int status, JsonElement error, _) = await calls.FailAsync(Asking().ToJsonString());
        Assert.Equal((502, "upstream_unreachable"), (status, error.GetProperty("code").GetString()));

        using var others = new OpenAiCalls(lenient.OpenAiAddress);
        JsonElement choice = (await others.AskAsync(Asking())).GetProperty("choices")[0];
        AlignResponse rpc = await lenient.AlignAsync(new AlignmentSpec
        {
            Prompt = Specs.Chat((Role.User, OpenAiServer.Question)),
            BestOfN = new BestOfNParameters { SampleCount = 2 },
            Seed = 1,
        });
        Assert.Equal(rpc.Final.Response.Text, choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Contains("cannot be reached", choice.GetProperty("sea").GetProperty("upstream").GetProperty("failure").GetString()!);
    }

    [Fact]
    public async Task A_backend_that_is_too_slow_is_a_gateway_timeout()
    {
        await using Backend backend = await Backend.StartAsync(Good);
        backend.IsStuck = true;
        await using RunningServer server = await StartAsync(backend);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (int status, JsonElement error, _) = await calls.FailAsync(Asking("""{"sea":{"time_limit_ms":300}}""").ToJsonString());
        Assert.Equal((504, "upstream_timeout"), (status, error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_caller_that_goes_ends_the_backends_request_too()
    {
        await using Backend backend = await Backend.StartAsync(Good);
        backend.IsStuck = true;
        await using RunningServer server = await StartAsync(backend);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        Task<HttpResponseMessage> call = calls.PostAsync(Asking().ToJsonString());
        await Idle.UntilAsync(() => !backend.Asked.IsEmpty);
        calls.Client.CancelPendingRequests();
        await backend.Left.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    [Fact]
    public async Task A_draft_that_the_models_cannot_read_is_left_out()
    {
        string endless = string.Concat(Enumerable.Repeat("kettle ", 600));
        await using Backend backend = await Backend.StartAsync(endless, Middling);
        await using RunningServer server = await StartAsync(backend, "Drafts=2");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        Assert.Equal(Middling, await calls.AnswerAsync(Asking()));
    }

    [Fact]
    public async Task Drafts_that_cannot_be_scored_are_an_error_or_the_first_goes_back_by_setting()
    {
        string endless = string.Concat(Enumerable.Repeat("kettle ", 600));
        await using Backend backend = await Backend.StartAsync(endless);
        await using RunningServer strict = await StartAsync(backend, "Drafts=1");
        await using RunningServer lenient = await StartAsync(backend, "Drafts=1", "OnAlignmentFailure=Draft");
        using var calls = new OpenAiCalls(strict.OpenAiAddress);
        (int status, JsonElement error, _) = await calls.FailAsync(Asking().ToJsonString());
        Assert.Equal((400, "the backend's draft"), (status, error.GetProperty("param").GetString()));

        using var others = new OpenAiCalls(lenient.OpenAiAddress);
        JsonElement choice = (await others.AskAsync(Asking())).GetProperty("choices")[0];
        Assert.Equal(endless, choice.GetProperty("message").GetProperty("content").GetString());
        Assert.True(choice.GetProperty("sea").GetProperty("unscored").GetBoolean());
    }

    [Fact]
    public async Task Nobody_without_the_token_reaches_the_backend()
    {
        await using Backend backend = await Backend.StartAsync(Good);
        await using RunningServer server = await RunningServer.StartAsync(
            null, [.. OpenAiServer.Embedded, "Security:AuthToken=secret-token", $"OpenAi:Upstream:Endpoint={backend.Address}"]);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (int status, _, _) = await calls.FailAsync(Asking().ToJsonString());
        Assert.Equal(401, status);
        Assert.Empty(backend.Asked);
    }

    [Fact]
    public async Task A_sidecar_can_be_in_front_of_another()
    {
        await using RunningServer behind = await RunningServer.StartAsync(null, OpenAiServer.Embedded);
        await using RunningServer server = await RunningServer.StartAsync(
            null, [.. OpenAiServer.Embedded, $"OpenAi:Upstream:Endpoint={behind.OpenAiAddress}", "Models:PolicyName=front"]);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonElement reply = await calls.AskAsync(OpenAiCalls.Asking("""{"model":"tiny-policy","sea":{"drafts":2,"method":"best_of_n"}}"""));
        JsonElement upstream = reply.GetProperty("choices")[0].GetProperty("sea").GetProperty("upstream");
        Assert.Equal(("tiny-policy", 2), (upstream.GetProperty("model").GetString(), upstream.GetProperty("rewards").GetArrayLength()));

        JsonElement text = await calls.AskAsync(
            OpenAiCalls.Continuing("""{"prompt":["My kettle","Our team"],"max_tokens":8,"sea":{"drafts":2}}"""), OpenAiCalls.Text);
        Assert.Equal(2, text.GetProperty("choices").GetArrayLength());
    }

    private static JsonObject Asking(string fields = "{}")
    {
        JsonObject body = (JsonObject)JsonNode.Parse(fields)!;
        body.TryAdd("model", "their-model");
        return OpenAiCalls.Asking(body.ToJsonString());
    }

    private static Task<RunningServer> StartAsync(Backend backend, params string[] settings) => RunningServer.StartAsync(
        null,
        [
            .. OpenAiServer.Embedded, $"OpenAi:Upstream:Endpoint={backend.Address}", "OpenAi:Upstream:ApiKey=backend-key",
            .. settings.Select(setting => $"OpenAi:Upstream:{setting}"),
        ]);

    private static int Usage(JsonElement reply, string name) => reply.GetProperty("usage").GetProperty(name).GetInt32();

    private static string Content(JsonElement choice) =>
        choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString()! : "";

    /// <summary>A backend on a real Kestrel that gives texts one after another.</summary>
    private sealed class Backend : IAsyncDisposable
    {
        private readonly string[] _texts;
        private RewardHost _host = null!;
        private int _next;

        private Backend(string[] texts) => _texts = texts;

        public string Address => _host.Address + "/v1";

        public int MostAtOnce { get; set; } = 100;

        public int Status { get; set; } = 200;

        public int Failures { get; set; }

        public bool IsStuck { get; set; }

        public TaskCompletionSource Left { get; } = new();

        public ConcurrentQueue<JsonElement> Asked { get; } = [];

        public ConcurrentQueue<string?> Authorizations { get; } = [];

        public static async Task<Backend> StartAsync(params string[] texts)
        {
            var backend = new Backend(texts);
            backend._host = await RewardHost.StartHttpAsync(app =>
            {
                app.MapPost(
                    "/v1/chat/completions", async context => await (await backend.AnswerAsync(context)).ExecuteAsync(context));
                app.MapGet("/v1/models", () => Results.Text("""{"object":"list","data":[{"id":"their-model"},{"id":"other:7b"}]}"""));
            });
            return backend;
        }

        public ValueTask DisposeAsync() => _host.DisposeAsync();

        private async Task<IResult> AnswerAsync(HttpContext context)
        {
            using JsonDocument document = await JsonDocument.ParseAsync(context.Request.Body);
            JsonElement asked = document.RootElement.Clone();
            Asked.Enqueue(asked);
            Authorizations.Enqueue(context.Request.Headers.Authorization);
            if (IsStuck)
            {
                context.RequestAborted.Register(() => Left.TrySetResult());
                await Left.Task;
            }

            if (Failures-- > 0)
            {
                return Results.StatusCode(503);
            }

            if (Status != 200)
            {
                return Results.Text(
                    """{"error":{"message":"their own words","type":"their_type","param":null,"code":"bad_thing"}}""", statusCode: Status);
            }

            int count = Math.Min(MostAtOnce, asked.TryGetProperty("n", out JsonElement n) ? n.GetInt32() : 1);
            var choices = new JsonArray();
            for (int index = 0; index < count; index++)
            {
                string text = _texts[(Interlocked.Increment(ref _next) - 1) % _texts.Length];
                choices.Add(new JsonObject
                {
                    ["index"] = index,
                    ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
                    ["finish_reason"] = "stop",
                });
            }

            return Results.Text(new JsonObject
            {
                ["model"] = asked.GetProperty("model").GetString(),
                ["choices"] = choices,
                ["usage"] = new JsonObject { ["prompt_tokens"] = 11, ["completion_tokens"] = 20 * count },
            }.ToJsonString());
        }
    }
}
