using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Request ids, replays and cancellations belong to the caller, who is known by the call's token.</summary>
public sealed class CallerTests
{
    [Fact]
    public async Task Callers_with_different_tokens_share_no_request_ids()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = "same";
        using AsyncServerStreamingCall<StreamAlignResponse> one = Stream(server, spec, "one");
        AlignmentStarted started = (await FirstAsync(one)).Started;
        using AsyncServerStreamingCall<StreamAlignResponse> two = Stream(server, spec, "two");
        Assert.NotEqual(started.AlignmentId, (await BesideAsync(runs, FirstAsync(two))).Started.AlignmentId);
        (await Failures.OfAsync(() => server.AlignAsync(spec, Options("one")))).AssertIs(StatusCode.AlreadyExists, "REQUEST_IN_FLIGHT");

        Assert.False(await CancelAsync(server, new() { RequestId = "same" }, token: null));
        Assert.False(await CancelAsync(server, new() { AlignmentId = started.AlignmentId }, "two"));
        Assert.False(await CancelAsync(server, new() { AlignmentId = "same" }, "one"));
        Assert.True(await CancelAsync(server, new() { RequestId = "same" }, "two"));
        Assert.True(await CancelAsync(server, new() { AlignmentId = started.AlignmentId }, "one"));
        runs.Gate.Open();
    }

    [Fact]
    public async Task A_replay_is_for_the_caller_that_made_the_request()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = "same";
        AlignResponse first = await server.AlignAsync(spec, Options("one"));
        AlignResponse again = await server.AlignAsync(spec, Options("one"));
        AlignResponse other = await server.AlignAsync(spec, Options("two"));
        AlignResponse nobody = await server.AlignAsync(spec);

        Assert.Equal((true, first.Started.AlignmentId), (again.Final.Replayed, again.Started.AlignmentId));
        Assert.Equal([false, false, false], new[] { first, other, nobody }.Select(response => response.Final.Replayed));
        Assert.Equal(3, new[] { first, other, nobody }.Select(response => response.Started.AlignmentId).Distinct().Count());
    }

    [Fact]
    public async Task A_request_id_that_is_anothers_alignment_id_takes_nothing_over()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(runs.Script);
        using AsyncServerStreamingCall<StreamAlignResponse> victim = Stream(server, Specs.Sea(), token: null);
        string id = (await FirstAsync(victim)).Started.AlignmentId;
        AlignmentSpec spec = Specs.Sea();
        spec.RequestId = id;
        using AsyncServerStreamingCall<StreamAlignResponse> thief = Stream(server, spec, token: null);
        await BesideAsync(runs, FirstAsync(thief));

        Assert.True(await CancelAsync(server, new() { AlignmentId = id }, token: null));
        Assert.Equal(StopReason.Cancelled, (await BesideAsync(runs, FinalAsync(victim))).StopReason);
        Assert.True(await CancelAsync(server, new() { RequestId = id }, token: null)); // The other one still runs.
        runs.Gate.Open();
    }

    private static CallOptions Options(string? token) =>
        token is null ? default : new CallOptions(new Metadata { { "authorization", $"Bearer {token}" } });

    private static AsyncServerStreamingCall<StreamAlignResponse> Stream(RunningServer server, AlignmentSpec spec, string? token) =>
        server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec }, Options(token));

    private static async Task<bool> CancelAsync(RunningServer server, CancelAlignmentRequest request, string? token) =>
        (await server.Alignment.CancelAlignmentAsync(request, Options(token))).Cancelled;

    /// <summary>Lets what runs go on until something has come.</summary>
    private static async Task<T> BesideAsync<T>(GatedRuns runs, Task<T> awaited)
    {
        while (!awaited.IsCompleted)
        {
            runs.Gate.Permit();
            await Task.Delay(5);
        }

        return await awaited;
    }

    private static async Task<AlignmentFinal> FinalAsync(AsyncServerStreamingCall<StreamAlignResponse> call)
    {
        AlignmentFinal? final = null;
        while (await call.ResponseStream.MoveNext(default))
        {
            final = call.ResponseStream.Current.Final;
        }

        return final!;
    }

    private static async Task<StreamAlignResponse> FirstAsync(AsyncServerStreamingCall<StreamAlignResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(default));
        return call.ResponseStream.Current;
    }
}
