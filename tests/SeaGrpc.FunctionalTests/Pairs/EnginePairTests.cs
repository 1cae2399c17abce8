using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Http;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.FunctionalTests.Pairs;

/// <summary>A pair whose policy an engine serves, beside a default pair that is loaded.</summary>
public sealed class EnginePairTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly PairFolders _folders = new();
    private readonly string[] _twin;
    private readonly string[] _served;
    private readonly PolicyModel _model;

    public EnginePairTests()
    {
        // The same models twice: loaded here, and behind an engine, where the folder has no weights.
        _twin = _folders.Pair("twin", 11);
        _served = _folders.Pair("served", 11);
        _model = PolicyModel.Load(_folders.Path("served-policy"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        File.Delete(Path.Combine(_folders.Path("served-policy"), "model.safetensors"));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folders.Dispose();
    }

    [Fact]
    public async Task It_is_asked_from_the_first_call_on_and_answers_with_the_scores_of_a_loaded_policy()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await RunningServer.StartAsync(null, [.. _twin, .. Served(host.Address)]);
        Assert.Equal((0, PairState.NotLoaded), (host.Requests, await StateAsync(server)));

        AlignResponse answer = await server.AlignAsync(Spec("served"));
        Assert.Equal("served", answer.Started.EffectiveSpec.Model);
        Assert.True(answer.Final.Cost.EngineDrawnTokens > 0);
        PairInfo told = await PairAsync(server);
        Assert.Equal((PairState.Loaded, host.Address), (told.State, told.Models[0].Address));
        ScoreRequest request = new()
        {
            Pairs =
            {
                new ScorePair
                {
                    Prompt = Spec("served").Prompt,
                    Response = new ResponseContent { TokenIds = new TokenIds { Ids = { answer.Final.Response.TokenIds } } },
                },
            },
            Model = "twin",
        };
        ScoreResult loaded = (await server.Alignment.ScoreAsync(request)).Results[0];
        request.Model = "served";
        ScoreResult asked = (await server.Alignment.ScoreAsync(request)).Results[0];
        Assert.Equal(loaded.Reward, answer.Final.Response.Reward, 1e-4);
        Assert.Equal(loaded.Reward, asked.Reward, 1e-4);
        Assert.Equal(loaded.LogProbability, asked.LogProbability, 1e-4);

        // What needs the policy's gradient is refused for this pair alone.
        AlignmentSpec sea = Specs.Sea();
        Assert.NotNull((await server.AlignAsync(sea)).Final);
        sea.Model = "served";
        Assert.Equal(StatusCode.InvalidArgument, (await Failures.OfAsync(() => server.AlignAsync(sea))).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_failure_ends_its_own_calls_and_only_a_pair_of_the_start_counts_for_health(bool atStart)
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await RunningServer.StartAsync(
            null,
            [
                .. Served(host.Address, "Engine:Attempts=1", "Engine:BreakDuration=00:00:00.500"),
                .. atStart ? (string[])["Models:Pairs:served:Load=Start"] : [],
            ]);
        Assert.NotNull((await server.AlignAsync(Spec("served"))).Final);
        host.Instead = (_, _) => Results.Text("out of memory", statusCode: 503);
        int failed = 0;
        do
        {
            RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Spec("served")));
            failure.AssertIs(StatusCode.Unavailable, "ENGINE_UNAVAILABLE");
            failure.AssertRetryable();
            failed++;
        }
        while (atStart ? await IsServingAsync(server) : failed < 12); // Enough for the engine to be left alone.

        Assert.NotNull((await server.AlignAsync(Specs.Sea())).Final);
        Assert.Equal(!atStart, await IsServingAsync(server));
        using var http = new HttpClient();
        Assert.Equal(
            atStart ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK,
            (await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode);

        host.Instead = (_, _) => null;
        Assert.NotNull((await AnsweredAsync(server)).Final);
        Assert.True(await IsServingAsync(server));
    }

    [Fact]
    public async Task Without_its_engine_the_first_call_is_told_so_at_once_other_pairs_are_loaded_and_later_calls_try_again()
    {
        int port;
        await using (EngineHost gone = await EngineHost.StartAsync(EngineKind.Vllm, _model))
        {
            port = new Uri(gone.Address).Port;
        }

        await using RunningServer server = await RunningServer.StartAsync(
            null, [.. _twin, .. Served($"http://127.0.0.1:{port}", "Engine:Attempts=1")]);
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Spec("served")).WaitAsync(Patience));
        failure.AssertIs(StatusCode.Unavailable, "MODEL_UNAVAILABLE");
        failure.AssertRetryable();
        Assert.Contains($"http://127.0.0.1:{port}", failure.Status.Detail, StringComparison.Ordinal);
        PairInfo told = await PairAsync(server);
        Assert.Equal(PairState.Failed, told.State);
        Assert.Contains($"http://127.0.0.1:{port}", told.Reason, StringComparison.Ordinal);
        Assert.NotNull((await server.AlignAsync(Spec("twin"))).Final);
        Assert.True(await IsServingAsync(server));

        await using EngineHost come = await EngineHost.StartAsync(EngineKind.Vllm, _model, port);
        Assert.NotNull((await AnsweredAsync(server)).Final);
        Assert.Equal(PairState.Loaded, await StateAsync(server));
    }

    private string[] Served(string address, params string[] settings) =>
        [.. _served, .. settings.Prepend($"Engine:Endpoint={address}").Select(setting => $"Models:Pairs:served:{setting}")];

    private static AlignmentSpec Spec(string pair) => new()
    {
        Prompt = Specs.Text("How are you?"),
        BestOfN = new BestOfNParameters { SampleCount = 2 },
        MaxResponseTokens = 8,
        Seed = 7,
        Model = pair,
    };

    private static async Task<AlignResponse> AnsweredAsync(RunningServer server)
    {
        while (true)
        {
            try
            {
                return await server.AlignAsync(Spec("served"));
            }
            catch (RpcException again) when (again.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(50);
            }
        }
    }

    private static async Task<bool> IsServingAsync(RunningServer server) =>
        (await server.Health.CheckAsync(new HealthCheckRequest())).Status == ServingStatus.Serving;

    private static async Task<PairInfo> PairAsync(RunningServer server) =>
        (await server.Info.GetServerInfoAsync(new())).Pairs.Single(pair => pair.Name == "served");

    private static async Task<PairState> StateAsync(RunningServer server) => (await PairAsync(server)).State;
}
