using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>A job as large as the limits allow delays nobody, and its memory is what admission estimated.</summary>
public sealed class GiantJobTests
{
    [Fact]
    public async Task Small_calls_end_while_a_giant_one_runs()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec giant = Specs.Sea(iterations: 1000, chains: 64);
        giant.Sea.DraftSamples = 1024;
        giant.Sea.Proposals = 1024;
        giant.MaxResponseTokens = 64;
        giant.RequestId = "giant";
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = giant });
        Assert.True(await call.ResponseStream.MoveNext(default));

        await server.Alignment.ScoreAsync(
            new ScoreRequest { Pairs = { new ScorePair { Prompt = Specs.Text("a"), Response = Specs.Response("b") } } });
        AlignResponse[] small = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => server.AlignAsync(Specs.Sea())));

        Assert.All(small, response => Assert.NotEmpty(response.Final.Response.TokenIds));
        // Wherever it is, within one turn.
        Assert.True((await server.Alignment.CancelAlignmentAsync(new() { RequestId = "giant" })).Cancelled);
        StatusCode end = StatusCode.OK;
        try
        {
            while (await call.ResponseStream.MoveNext(default))
            {
                Assert.NotEqual(StopReason.Iterations, call.ResponseStream.Current.Final?.StopReason ?? StopReason.Cancelled);
            }
        }
        catch (RpcException cancelled)
        {
            end = cancelled.StatusCode;
        }

        Assert.Contains(end, new[] { StatusCode.OK, StatusCode.Cancelled });
    }

    [Fact]
    public async Task A_budget_of_its_own_is_told_and_without_one_there_is_a_share_of_the_memory()
    {
        await using RunningServer usual = await RunningServer.StartAsync();
        await using RunningServer small = await RunningServer.StartAsync(null, "Engine:MemoryBudgetMiB=100", "Engine:MaxTurnTokens=77");
        ServerLimits share = (await usual.Info.GetServerInfoAsync(new())).Limits;
        ServerLimits own = (await small.Info.GetServerInfoAsync(new())).Limits;

        Assert.InRange(share.MemoryBudgetBytes, 1, SeaGrpc.Modeling.HostMemory.LimitBytes * 3 / 4);
        Assert.Equal(1024, share.MaxTurnTokens);
        Assert.Equal((100L << 20, 77), (own.MemoryBudgetBytes, own.MaxTurnTokens));
    }
}
