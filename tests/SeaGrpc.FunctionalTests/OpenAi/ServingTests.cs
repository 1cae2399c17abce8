using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Settings;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>The API's requests have the authentication, the limits and the ends of the RPCs.</summary>
public sealed class ServingTests
{
    private const string Served = "OpenAi:Address=http://127.0.0.1:0";
    private const string Body = """{"prompt":"How are you?","max_tokens":8,"seed":7,"sea":{"method":"sea"}}""";

    [Fact]
    public async Task The_token_is_that_of_the_rpcs()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, Served, "Security:AuthToken=secret-token");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (int status, JsonElement error, HttpResponseMessage response) = await calls.FailAsync(Body, OpenAiCalls.Text);
        Assert.Equal((401, "invalid_api_key"), (status, error.GetProperty("code").GetString()));
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, (await calls.Client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode);

        calls.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret-token");
        await calls.AskAsync(JsonNode.Parse(Body)!, OpenAiCalls.Text);
        Assert.Equal(HttpStatusCode.OK, (await calls.Client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_full_queue_says_when_to_come_back()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(
            runs.Script, Served, "Engine:MaxConcurrentJobs=1", "Engine:MaxQueuedJobs=0");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        Task<HttpResponseMessage> first = calls.PostAsync(Body, OpenAiCalls.Text);
        await Idle.UntilAsync(() => server.Models.Engine.RunningJobs == 1);

        (int status, JsonElement error, HttpResponseMessage response) = await calls.FailAsync(Body, OpenAiCalls.Text);

        Assert.Equal((429, "queue_full"), (status, error.GetProperty("code").GetString()));
        Assert.True(response.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(
            Math.Ceiling(double.Parse(response.Headers.GetValues("retry-after-ms").Single()) / 1000),
            response.Headers.RetryAfter.Delta.Value.TotalSeconds);
        runs.Gate.Open();
        calls.Client.CancelPendingRequests();
        await Assert.ThrowsAsync<TaskCanceledException>(() => first);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_ends_all_its_runs(bool streams)
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonObject body = (JsonObject)JsonNode.Parse(Body)!;
        body["n"] = 3;
        body["stream"] = streams;
        Task<HttpResponseMessage> call = calls.PostAsync(body.ToJsonString(), OpenAiCalls.Text);
        await runs.Gate.ArrivalAsync(); // A call that is given up before its run is made disposes none.
        await Idle.UntilAsync(() => server.Models.Engine.RunningJobs + server.Models.Engine.QueuedJobs == 3);

        calls.Client.CancelPendingRequests();
        runs.Gate.Open();

        await runs.DisposalAsync();
        await server.IdleAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    [Fact]
    public async Task The_best_so_far_comes_within_the_time_limit()
    {
        using var runs = new GatedRuns();
        runs.Gate.Open();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonObject body = (JsonObject)JsonNode.Parse(Body)!;
        body["sea"]!["time_limit_ms"] = 500;
        JsonElement reply = await calls.AskAsync(body, OpenAiCalls.Text);
        Assert.Equal("time_limit", reply.GetProperty("choices")[0].GetProperty("sea").GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task No_answer_within_the_time_limit_is_a_timeout_that_is_not_worth_a_retry()
    {
        using var runs = new GatedRuns { DecodeSteps = int.MaxValue - 1 };
        runs.Gate.Open();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonObject body = (JsonObject)JsonNode.Parse(Body)!;
        body["sea"]!["time_limit_ms"] = 200;
        (int status, JsonElement error, HttpResponseMessage response) = await calls.FailAsync(body.ToJsonString(), OpenAiCalls.Text);
        Assert.Equal((408, "sea.time_limit_ms"), (status, error.GetProperty("param").GetString()));
        Assert.Equal("false", Assert.Single(response.Headers.GetValues("x-should-retry")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_before_anything_is_sent_is_an_error_without_insides(bool streams)
    {
        await using RunningServer server = await RunningServer.StartAsync(
            _ => new ScriptedRun { OnAdvance = number => Fail(number) }, Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonObject body = (JsonObject)JsonNode.Parse(Body)!;
        body["stream"] = streams;
        using HttpResponseMessage response = await calls.PostAsync(body.ToJsonString(), OpenAiCalls.Text);
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Contains("\"code\":\"unexpected\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_after_the_role_ends_the_stream_with_an_error()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            task => task.Seed == 7 ? new ScriptedRun { OnAdvance = number => Fail(number) } : null, [.. OpenAiServer.Embedded]);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (List<JsonElement> chunks, bool isDone) = await calls.StreamAsync(OpenAiCalls.Asking("""{"seed":7}"""));
        Assert.False(isDone);
        Assert.Equal("assistant", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("unexpected", chunks[^1].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_body_over_the_limit_of_messages_is_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, Served, "Transport:MaxRequestBytes=2048");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        string body = OpenAiCalls.Continuing($$"""{"prompt":"{{new string('a', 3000)}}"}""").ToJsonString();
        (int status, JsonElement error, _) = await calls.FailAsync(body, OpenAiCalls.Text);
        Assert.Equal((413, "message_too_long"), (status, error.GetProperty("code").GetString()));
        Assert.Equal(200, (int)(await calls.PostAsync(Body, OpenAiCalls.Text)).StatusCode);
    }

    [Fact]
    public async Task Long_bodies_count_among_the_bytes_that_all_requests_hold_and_are_released()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null, Served, "Transport:MaxInboundBytes=4194304", "Transport:MaxRequestBytes=8388608");
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        static string BodyOf(int letters) => $$"""{"prompt":"{{new string('a', letters)}}"}""";
        for (int i = 0; i < 2; i++)
        {
            (int status, JsonElement error, _) = await calls.FailAsync(BodyOf(5_000_000), OpenAiCalls.Text);
            Assert.Equal((429, "inbound_full"), (status, error.GetProperty("code").GetString()));
            (int fits, _, _) = await calls.FailAsync(BodyOf(3_500_000), OpenAiCalls.Text);
            Assert.Equal(400, fits);
        }
    }

    [Fact]
    public async Task Until_the_models_are_loaded_requests_are_told_to_come_back()
    {
        using var loaded = new ManualResetEventSlim();
        await using RunningServer server = await RunningServer.ListenAsync(
            null,
            models =>
            {
                loaded.Wait();
                return new ScriptedBackend(models, _ => null);
            },
            Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        (int status, JsonElement error, HttpResponseMessage response) = await calls.FailAsync(Body, OpenAiCalls.Text);
        loaded.Set();
        Assert.Equal((503, "loading"), (status, error.GetProperty("code").GetString()));
        Assert.NotNull(response.Headers.RetryAfter);
        await server.ReadyAsync();
    }

    [Fact]
    public async Task The_same_request_id_gets_the_same_answer()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        JsonNode body = JsonNode.Parse("""{"prompt":"How are you?","max_tokens":8,"sea":{"method":"base","request_id":"one"}}""")!;
        JsonElement first = await calls.AskAsync(body, OpenAiCalls.Text);
        JsonElement again = await calls.AskAsync(body, OpenAiCalls.Text);
        Assert.Equal(
            first.GetProperty("choices")[0].GetProperty("text").GetString(),
            again.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.True(again.GetProperty("choices")[0].GetProperty("sea").GetProperty("replayed").GetBoolean());
    }

    [Theory]
    [InlineData("urgent", 400)]
    [InlineData("high", 200)]
    public async Task The_priority_is_a_header_as_of_an_rpc(string priority, int expected)
    {
        await using RunningServer server = await RunningServer.StartAsync(null, Served);
        using var calls = new OpenAiCalls(server.OpenAiAddress);
        calls.Client.DefaultRequestHeaders.Add("sea-priority", priority);
        using HttpResponseMessage response = await calls.PostAsync(Body, OpenAiCalls.Text);
        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task It_is_off_unless_it_has_an_address()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        Assert.DoesNotContain(server.Routes(), route => route.Contains("v1/", StringComparison.Ordinal));
        Assert.DoesNotContain("OpenAI", server.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Address=8081", "It must be http://HOST:PORT")]
    [InlineData("MaxChoices=0", "1")]
    [InlineData("Upstream:Model=a", "It must name the backend's address: http://HOST:PORT/v1.")]
    [InlineData("Upstream:Endpoint=unix:/a", "A backend has no Unix socket")]
    [InlineData("Upstream:Method=base", "base takes no drafts")]
    [InlineData("Upstream:Method=sea[chain=1]", "did you mean chains?")]
    [InlineData("Upstream:OnFailure=Ignore", "Error, Local")]
    [InlineData("Upstream:Draft=3", "did you mean SeaGrpc:OpenAi:Upstream:Drafts?")]
    public async Task A_setting_that_is_wrong_ends_the_start(string setting, string told) => Assert.Contains(
        told,
        (await Assert.ThrowsAsync<SettingsException>(async () => await SeaServer.Build([$"--SeaGrpc:OpenAi:{setting}"]).DisposeAsync()))
            .Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task It_listens_on_a_unix_socket_too()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, "OpenAi:Address=unix:{folder}openai.sock");
        string path = server.OpenAiAddress["unix:".Length..];
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new System.Net.Sockets.Socket(
                    System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream,
                    System.Net.Sockets.ProtocolType.Unspecified);
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path), cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        });
        Assert.Contains("\"data\":[", await client.GetStringAsync(new Uri("http://localhost/v1/models")), StringComparison.Ordinal);
    }

    private static void Fail(int number)
    {
        if (number > 1)
        {
            throw new FormatException("secret");
        }
    }
}
