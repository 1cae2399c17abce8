using System.Net;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.FunctionalTests.RemoteRewards;

/// <summary>A reward outside the server that is slow, dies, or answers nonsense.</summary>
public sealed class RewardFailureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_slow_one_delays_nobody_who_does_not_need_it()
    {
        await using RewardHost host = await RewardHost.StartAsync();
        await using RunningServer server = await StartAsync(host, "Models:Rewards:model:Folder={folder}/reward");
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        host.OnCall = async (_, _) =>
        {
            asked.TrySetResult();
            await answer.Task;
        };
        Task<AlignResponse> slow = server.AlignAsync(Spec("judge"));
        await asked.Task.WaitAsync(Patience);
        AlignmentFinal other = (await server.AlignAsync(Spec("model")).WaitAsync(Patience)).Final;
        Assert.Equal(StopReason.Iterations, other.StopReason);
        Assert.False(slow.IsCompleted);
        answer.SetResult();
        Assert.Equal(StopReason.Iterations, (await slow.WaitAsync(Patience)).Final.StopReason);
    }

    [Fact]
    public async Task A_call_that_waits_for_one_can_be_cancelled_and_ends_at_its_deadline()
    {
        await using RewardHost host = await RewardHost.StartAsync();
        await using RunningServer server = await StartAsync(host);
        var asked = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        host.OnCall = async (call, _) =>
        {
            asked.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, call.CancellationToken);
            }
            finally
            {
                stopped.TrySetResult();
            }
        };
        AlignmentSpec spec = Spec("judge");
        spec.RequestId = "slow";
        Task<AlignResponse> cancelled = server.AlignAsync(spec);
        await asked.Task.WaitAsync(Patience);
        await server.Alignment.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = "slow" });
        (await Failures.OfAsync(() => cancelled.WaitAsync(Patience))).AssertIs(StatusCode.Cancelled, "CANCELLED");
        await stopped.Task.WaitAsync(Patience);

        AlignmentSpec late = Spec("judge");
        late.TimeLimit = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300));
        late.DraftResponse = Specs.Response("a");
        AlignmentFinal final = (await server.AlignAsync(late).WaitAsync(Patience)).Final;
        Assert.Equal((StopReason.TimeLimit, true), (final.StopReason, final.Response.Unscored));
    }

    [Fact]
    public async Task One_that_dies_ends_a_call_with_its_best_so_far_and_says_so()
    {
        RewardHost host = await RewardHost.StartAsync();
        string address = host.Address;
        await using RunningServer server = await StartAsync(host, "Models:Rewards:judge:Attempts=1");
        int calls = 0;
        host.OnCall = async (call, _) =>
        {
            if (Interlocked.Increment(ref calls) > 2)
            {
                await Task.Delay(Timeout.Infinite, call.CancellationToken);
            }
        };
        AlignmentSpec spec = Spec("judge", samples: 500);
        spec.DraftResponse = Specs.Response("abc");
        using AsyncServerStreamingCall<StreamAlignResponse> stream = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        ScoredResponse? best = null;
        AlignmentFinal? final = null;
        await foreach (StreamAlignResponse next in stream.ResponseStream.ReadAllAsync())
        {
            best = next.Draft?.Best ?? best;
            if (next.Draft is not null)
            {
                while (Volatile.Read(ref calls) < 3)
                {
                    await Task.Delay(5);
                }

                await host.KillAsync();
            }

            final = next.Final;
        }

        await host.DisposeAsync();
        Assert.Equal(StopReason.RewardFailed, final!.StopReason);
        Assert.False(final.Response.Unscored);
        Assert.Equal((float)RewardHost.Worth(final.Response.Text), final.Response.Reward);
        Assert.True(final.Response.Reward >= best!.Reward);

        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Spec("judge")));
        failure.AssertIs(StatusCode.Unavailable, "REWARD_UNAVAILABLE");
        failure.AssertRetryable();
        Assert.Contains($"The reward judge at {address} ", failure.Status.Detail);
    }

    [Fact]
    public async Task What_it_says_when_it_fails_reaches_the_caller()
    {
        await using RewardHost host = await RewardHost.StartAsync();
        await using RunningServer server = await StartAsync(host);
        host.OnCall = (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, "no judge is in the house"));
        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Spec("judge")));
        failure.AssertIs(StatusCode.Unavailable, "REWARD_UNAVAILABLE");
        Assert.Contains("answered FailedPrecondition: no judge is in the house", failure.Status.Detail);
    }

    [Fact]
    public async Task Passing_failures_are_retried_by_gRPC_within_the_deadline()
    {
        await using RewardHost host = await RewardHost.StartAsync();
        await using RunningServer server = await StartAsync(host, "Models:Rewards:judge:Timeout=00:00:02");
        int calls = 0;
        host.OnCall = (_, _) => Interlocked.Increment(ref calls) <= 2
            ? throw new RpcException(new Status(StatusCode.Unavailable, "busy"))
            : Task.CompletedTask;
        Assert.Equal(StopReason.Iterations, (await server.AlignAsync(Spec("judge"))).Final.StopReason);
        Assert.Equal(3, calls);

        host.OnCall = (call, _) => Task.Delay(Timeout.Infinite, call.CancellationToken);
        RpcException late = await Failures.OfAsync(() => server.AlignAsync(Spec("judge")));
        late.AssertIs(StatusCode.Unavailable, "REWARD_UNAVAILABLE");
        Assert.Contains("did not answer within 2 s", late.Status.Detail);
    }

    [Fact]
    public async Task An_answer_that_is_no_reward_is_an_error_with_its_name_and_address()
    {
        (Action<RewardServiceScoreResponse> Spoil, string Told)[] answers =
        [
            (response => response.Prompts[0].Rewards[0] = double.NaN, "answered NaN for response 0, which is no finite number"),
            (response => response.Prompts[0].Rewards.RemoveAt(0), "answered with 3 numbers for 4 responses"),
            (response => response.Prompts[0].Rewards.Add(1), "answered with 5 numbers for 4 responses"),
            (response => response.Prompts.Clear(), "answered for 0 prompts instead of 1"),
        ];
        await using RewardHost host = await RewardHost.StartAsync();
        await using RunningServer server = await StartAsync(host);
        foreach ((Action<RewardServiceScoreResponse> spoil, string told) in answers)
        {
            host.Spoil = response =>
            {
                spoil(response);
                return response;
            };
            RpcException failure = await Failures.OfAsync(() => server.AlignAsync(Spec("judge")));
            failure.AssertIs(StatusCode.Internal, "REWARD_MALFORMED");
            Assert.Contains($"The reward judge at {host.Address} ", failure.Status.Detail);
            Assert.Contains(told, failure.Status.Detail);
            host.Spoil = response => response; // Most requests succeed, so that it goes on being asked.
            await server.AlignAsync(Spec("judge"));
            await server.AlignAsync(Spec("judge"));
        }
    }

    [Fact]
    public async Task One_that_fails_repeatedly_is_left_alone_until_it_answers_again_and_readiness_tells()
    {
        await using RewardHost host = await RewardHost.StartAsync();
        await using RunningServer server = await StartAsync(
            host, "Models:Rewards:judge:BreakDuration=00:00:00.500", "Models:Rewards:model:Folder={folder}/reward");
        bool isBroken = true;
        host.OnCall = (_, _) => Volatile.Read(ref isBroken)
            ? throw new RpcException(new Status(StatusCode.Internal, "broken"))
            : Task.CompletedTask;
        using var http = new HttpClient();
        RpcException failure;
        do
        {
            failure = await Failures.OfAsync(() => server.AlignAsync(Spec("judge")));
            failure.AssertIs(StatusCode.Unavailable, "REWARD_UNAVAILABLE");
        }
        while (!failure.Status.Detail.Contains("is not asked at the moment", StringComparison.Ordinal));

        Assert.Contains("broken", failure.Status.Detail);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode);
        Assert.Equal(ServingStatus.NotServing, (await server.Health.CheckAsync(new())).Status);
        Assert.Equal(StopReason.Iterations, (await server.AlignAsync(Spec("model"))).Final.StopReason);

        Volatile.Write(ref isBroken, false);
        long begun = Environment.TickCount64;
        while ((await http.GetAsync($"{server.HttpAddress}/healthz/ready")).StatusCode != HttpStatusCode.OK)
        {
            Assert.True(Environment.TickCount64 - begun < Patience.TotalMilliseconds, "It never became ready again.");
            await Task.Delay(20);
        }

        Assert.Equal(ServingStatus.Serving, (await server.Health.CheckAsync(new())).Status);
        Assert.Equal(StopReason.Iterations, (await server.AlignAsync(Spec("judge"))).Final.StopReason);
    }

    [Fact]
    public async Task A_server_starts_only_with_a_reward_that_answers_a_sample()
    {
        await using RewardHost host = await RewardHost.StartAsync();
        host.Spoil = response =>
        {
            response.Prompts[0].Rewards[0] = double.PositiveInfinity;
            return response;
        };
        await using (RunningServer wrong = await RunningServer.ListenAsync(null, null, $"Models:Rewards:judge:Endpoint={host.Address}"))
        {
            Exception failure = await Assert.ThrowsAnyAsync<Exception>(wrong.ReadyAsync);
            Assert.Contains($"The reward judge at {host.Address} answered", StartFailure(failure));
        }

        await using RunningServer dead = await RunningServer.ListenAsync(
            null, null, "Models:Rewards:judge:Endpoint=http://127.0.0.1:9", "Models:Rewards:judge:StartTimeout=00:00:00");
        string told = StartFailure(await Assert.ThrowsAnyAsync<Exception>(dead.ReadyAsync));
        Assert.Contains("The reward judge at http://127.0.0.1:9 ", told);
        Assert.Contains("SeaGrpc:Models:Rewards:NAME", told);
    }

    [Fact]
    public async Task A_server_waits_for_a_reward_that_starts_after_it()
    {
        RewardHost first = await RewardHost.StartAsync();
        int port = new Uri(first.Address).Port;
        await first.DisposeAsync();
        await using RunningServer server = await RunningServer.ListenAsync(
            null, null, $"Models:Rewards:judge:Endpoint=http://127.0.0.1:{port}", "Models:Rewards:judge:Attempts=1");
        await Task.Delay(100);
        Assert.False(server.ReadyAsync().IsCompleted);
        await using RewardHost late = await RewardHost.StartAsync(port);
        await server.ReadyAsync();
        Assert.Equal(StopReason.Iterations, (await server.AlignAsync(Spec("judge"))).Final.StopReason);
    }

    private static string StartFailure(Exception failure) => SeaGrpc.Server.StartFailure.Describe(failure);

    private static Task<RunningServer> StartAsync(RewardHost host, params string[] settings) =>
        RunningServer.StartAsync(null, [$"Models:Rewards:judge:Endpoint={host.Address}", .. settings]);

    private static AlignmentSpec Spec(string reward, int samples = 4) => new()
    {
        Prompt = Specs.Text("How are you?"),
        BestOfN = new BestOfNParameters { SampleCount = samples },
        MaxResponseTokens = 6,
        Seed = 3,
        RewardModel = reward,
    };
}
