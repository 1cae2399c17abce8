using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.FunctionalTests.Engines;

/// <summary>A whole server whose policy an engine serves.</summary>
public sealed class EngineServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TinyFolders _folders = new();
    private readonly PolicyModel _model;

    public EngineServerTests() => _model = PolicyModel.Load(_folders.Policy, new ModelLoadOptions("cpu", ModelDtype.Float32));

    public void Dispose()
    {
        _model.Dispose();
        _folders.Dispose();
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    [InlineData("LlamaCpp")]
    public async Task Answers_have_the_scores_of_a_server_with_the_policy_loaded(string kind)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        await using RunningServer server = await StartAsync(host, kind);
        await using RunningServer loaded = await RunningServer.StartAsync();
        Assert.Equal(host.Address, (await server.Info.GetServerInfoAsync(new())).Models[0].Address);
        foreach (AlignmentSpec spec in new[]
        {
            Spec(new AlignmentSpec { EnergySearch = new EnergySearchParameters { Iterations = 3, BudgetTokens = 0 } }),
            Spec(new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = 4 } }),
            Spec(new AlignmentSpec { ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 2, ChunkTokens = 2 } }),
            Spec(new AlignmentSpec { Base = new BaseParameters() }),
        })
        {
            AlignmentFinal final = (await server.AlignAsync(spec).WaitAsync(Patience)).Final;
            Assert.True(final.Cost.EngineReadTokens > 0 && final.Cost.EngineDrawnTokens > 0);
            ScoreResponse scored = await loaded.Alignment.ScoreAsync(new ScoreRequest
            {
                Pairs =
                {
                    new ScorePair
                    {
                        Prompt = spec.Prompt,
                        Response = new ResponseContent { TokenIds = new TokenIds { Ids = { final.Response.TokenIds } } },
                    },
                },
            });
            Assert.Equal(scored.Results[0].Reward, final.Response.Reward, 1e-4);
            if (final.Response.EndsWithEos)
            {
                Assert.Equal(scored.Results[0].LogProbability, final.Response.LogProbability, 1e-4);
            }
        }
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    [InlineData("LlamaCpp")]
    public async Task Stop_strings_end_rows_and_what_is_left_has_its_figures(string kind)
    {
        string[] letters = ["e", "t", "a", "o", "i", "n", "s", "r", "3", "7", " ", "E", "T", "A", "ab"];
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        await using RunningServer server = await StartAsync(host, kind);
        await using RunningServer loaded = await RunningServer.StartAsync();
        foreach (AlignmentSpec spec in new[]
        {
            Spec(new AlignmentSpec { Base = new BaseParameters() }),
            Spec(new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = 6 } }),
            Spec(new AlignmentSpec { EnergySearch = new EnergySearchParameters { Iterations = 3, BudgetTokens = 0 } }),
        })
        {
            spec.MaxResponseTokens = 40;
            spec.StopStrings.AddRange(letters);
            ScoredResponse answer = (await server.AlignAsync(spec).WaitAsync(Patience)).Final.Response;
            Assert.DoesNotContain(letters, answer.Text.Contains);
            ScoreResult scored = (await loaded.Alignment.ScoreAsync(new ScoreRequest
            {
                Pairs =
                {
                    new ScorePair
                    {
                        Prompt = spec.Prompt,
                        Response = new ResponseContent { TokenIds = new TokenIds { Ids = { answer.TokenIds } } },
                    },
                },
            })).Results[0];
            Assert.Equal(scored.Reward, answer.Reward, 1e-4);
            if (kind != "LlamaCpp" && (answer.EndsWithEos || answer.HasStopString))
            {
                Assert.Equal(scored.LogProbability, answer.LogProbability, 1e-4);
            }
        }

        // Drawing ends where the dialect has a field for it.
        Assert.Equal(kind != "LlamaCpp", host.Asked.Any(body => (body["sampling_params"]?["stop"] ?? body["stop"]) is not null));
        if (kind == "Vllm")
        {
            Assert.Contains(host.Asked, body => (bool?)body["include_stop_str_in_output"] == true);
        }
    }

    [Theory]
    [InlineData("Vllm", true)]
    [InlineData("LlamaCpp", false)]
    public async Task Figures_of_tokens_are_told_where_the_engine_reads_given_ones(string kind, bool tells)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        await using RunningServer server = await StartAsync(host, kind);
        AlignmentSpec spec = Spec(new AlignmentSpec { Base = new BaseParameters(), TokenAlternatives = 2 });
        if (tells)
        {
            AlignmentFinal final = (await server.AlignAsync(spec).WaitAsync(Patience)).Final;
            Assert.Equal(final.Response.TokenIds.Count, final.TokenFigures.Tokens.Count);
            Assert.All(
                final.TokenFigures.Tokens, token => Assert.Equal((2, false), (token.Alternatives.Count, token.HasRewardGradientNorm)));
            Assert.Equal((true, 0), (final.TokenFigures.PolicyTokens > 0, final.TokenFigures.RewardTokens));
        }
        else
        {
            RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));
            Assert.Equal("spec.token_alternatives", Assert.Single(failure.Violations()).Field);
        }
    }

    [Fact]
    public async Task What_the_engine_cannot_tell_is_an_invalid_argument_with_the_reason()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.LlamaCpp, _model);
        await using RunningServer server = await StartAsync(host, "LlamaCpp");
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Specs.Sea()));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains("needs the policy's whole distribution", failure.Status.Detail);
        AlignmentSpec drafted = Spec(new AlignmentSpec { EnergySearch = new EnergySearchParameters { Iterations = 1 } });
        drafted.DraftResponse = Specs.Response("abc");
        failure = await Failures.OfAsync(() => server.AlignAsync(drafted));
        Assert.Contains("needs the log-probabilities of given tokens", failure.Status.Detail);
        failure = await Failures.OfAsync(async () => await server.Alignment.ScoreAsync(new ScoreRequest
        {
            Pairs = { new ScorePair { Prompt = Specs.Text("a"), Response = Specs.Response("b") } },
        }));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
    }

    [Fact]
    public async Task Calls_wait_for_the_engine_at_the_same_time()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await StartAsync(host, "Vllm");
        var both = new TaskCompletionSource();
        int waiting = 0;
        host.OnCall = async (_, stop) =>
        {
            if (Interlocked.Increment(ref waiting) == 2)
            {
                both.TrySetResult();
            }

            await both.Task.WaitAsync(Patience, stop);
        };
        AlignmentSpec spec = Spec(new AlignmentSpec { Base = new BaseParameters() });
        await Task.WhenAll(server.AlignAsync(spec), server.AlignAsync(spec)).WaitAsync(Patience);
    }

    [Fact]
    public async Task The_rows_of_all_calls_are_at_the_engine_at_once()
    {
        const int calls = 3;
        const int samples = 16;
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await StartAsync(host, "Vllm");
        var all = new TaskCompletionSource();
        int waiting = 0;
        host.OnCall = async (_, stop) =>
        {
            if (Interlocked.Increment(ref waiting) == calls * samples)
            {
                all.TrySetResult();
            }

            await all.Task.WaitAsync(Patience, stop);
        };
        AlignmentSpec spec = Spec(new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = samples } });
        AlignResponse[] answers =
            await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => server.AlignAsync(spec))).WaitAsync(Patience);
        Assert.All(answers, answer => Assert.Equal(StopReason.Iterations, answer.Final.StopReason));
    }

    [Fact]
    public async Task A_call_that_waits_for_a_slow_engine_delays_no_other_and_ends_when_its_time_is_over()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await StartAsync(host, "Vllm");
        var asked = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        int requests = 0;
        host.OnCall = async (_, stop) =>
        {
            if (Interlocked.Increment(ref requests) > 1)
            {
                return;
            }

            asked.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
            finally
            {
                stopped.TrySetResult();
            }
        };
        AlignmentSpec late = Spec(new AlignmentSpec { Base = new BaseParameters() });
        late.RequestId = "late";
        Task<AlignResponse> waiting = server.AlignAsync(late);
        await asked.Task.WaitAsync(Patience);
        AlignmentSpec other = Spec(new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = 4 } });
        Assert.Equal(StopReason.Iterations, (await server.AlignAsync(other).WaitAsync(Patience)).Final.StopReason);
        Assert.False(waiting.IsCompleted);
        await server.Alignment.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = "late" });
        (await Failures.OfAsync(() => waiting.WaitAsync(Patience))).AssertIs(StatusCode.Cancelled, "CANCELLED");
        await stopped.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_reply_that_is_not_what_it_must_be_is_an_internal_error()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await StartAsync(host, "Vllm");
        host.Instead = (path, _) => path == "v1/completions"
            ? Results.Text("{\"choices\":[{\"logprobs\":{\"token_logprobs\":[NaN]}}]}", "application/json")
            : null;
        RpcException failure = await Failures.OfAsync(
            () => server.AlignAsync(Spec(new AlignmentSpec { Base = new BaseParameters() })));
        failure.AssertIs(StatusCode.Internal, "ENGINE_MALFORMED");
        Assert.Contains("answered something that is not JSON", failure.Status.Detail);
    }

    [Fact]
    public async Task An_engine_that_goes_away_ends_a_call_with_its_best_so_far_and_readiness_follows()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        await using RunningServer server = await StartAsync(host, "Vllm", "Attempts=1", "BreakDuration=00:00:00.500");
        AlignmentSpec spec = Spec(new AlignmentSpec { EnergySearch = new EnergySearchParameters { Iterations = 30, BudgetTokens = 0 } });
        using AsyncServerStreamingCall<StreamAlignResponse> stream = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        AlignmentFinal? final = null;
        await foreach (StreamAlignResponse next in stream.ResponseStream.ReadAllAsync())
        {
            if (next.Draft is not null)
            {
                host.Instead = (_, _) => Results.Text("out of memory", statusCode: 503);
            }

            final = next.Final;
        }

        Assert.Equal(StopReason.PolicyFailed, final!.StopReason);
        Assert.False(final.Response.Unscored);
        // Its earlier answers count too: at least half of them must have failed.
        while ((await server.Health.CheckAsync(new())).Status == ServingStatus.Serving)
        {
            RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));
            failure.AssertIs(StatusCode.Unavailable, "ENGINE_UNAVAILABLE");
            failure.AssertRetryable();
            Assert.Contains("out of memory", failure.Status.Detail);
        }

        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode);
        host.Instead = (_, _) => null;
        while ((await server.Health.CheckAsync(new())).Status != ServingStatus.Serving)
        {
            await Task.Delay(50);
        }

        Assert.NotEqual(StopReason.PolicyFailed, (await server.AlignAsync(spec).WaitAsync(Patience)).Final.StopReason);
    }

    [Fact]
    public async Task An_engine_with_another_tokenizer_ends_the_start()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        host.TokenizerQuirk = "x";
        await using RunningServer server = await RunningServer.ListenAsync(null, null, $"Models:Engine:Endpoint={host.Address}");
        Assert.Contains("another tokenizer", (await Assert.ThrowsAnyAsync<Exception>(server.ReadyAsync)).Message);
    }

    private static AlignmentSpec Spec(AlignmentSpec spec)
    {
        spec.Prompt = Specs.Text("How are you?");
        spec.MaxResponseTokens = 8;
        spec.Seed = 7;
        return spec;
    }

    private static async Task<RunningServer> StartAsync(EngineHost host, string kind, params string[] settings)
    {
        RunningServer server = await RunningServer.ListenAsync(
            null, null,
            [
                $"Models:Engine:Endpoint={host.Address}", $"Models:Engine:Kind={kind}",
                .. settings.Select(setting => $"Models:Engine:{setting}"),
            ]);
        await server.ReadyAsync().WaitAsync(Patience);
        return server;
    }
}
