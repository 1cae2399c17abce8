using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>
/// Mixed traffic for a while: calls that end, are cancelled, run out of time, are wrong. The server then holds what it held before.
/// </summary>
[Trait("tier", "soak")]
public sealed class SoakTests
{
    private const int CallsPerRound = 200;
    private const int AtOnce = 12;
    private const int Jobs = 6;

    /// <summary>
    /// Tensors that the models may keep more of after the last round than after the first: fewer than one call leaves that frees nothing.
    /// </summary>
    private const long Slack = 4;

    [Fact]
    public async Task After_mixed_traffic_no_run_no_call_and_no_tensor_is_left()
    {
        int rounds = SoakRounds.Count;
        var runs = new OwnedRuns();
        await using RunningServer server = await RunningServer.ListenAsync(
            null, runs.Backend, $"Engine:MaxConcurrentJobs={Jobs}", "Engine:MaxQueuedJobs=1000");
        await server.ReadyAsync();
        using var calls = new ActiveCalls(server.Meters);
        List<long> tensors = [];
        for (int round = 0; round < rounds; round++)
        {
            int begun = round * CallsPerRound;
            await Parallel.ForEachAsync(
                Enumerable.Range(begun, CallsPerRound), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (number, _) =>
                    CallAsync(server, number));
            await server.IdleAsync();
            await Idle.UntilAsync(() => calls.Open == 0);

            // One run alone, so that every thread has ended what it began for another one.
            await server.Alignment.AlignAsync(new AlignRequest { Spec = Specs.Sea(iterations: 2, chains: 1) });
            await server.IdleAsync();
            tensors.Add(runs.Tensors);
            Assert.Equal(runs.Made, runs.Disposed);
            Assert.InRange(runs.Held, 0, Jobs);
        }

        // What the models keep, tables of positions and masks, is bounded; of work that was given up nothing is left.
        Assert.True(tensors[^1] < tensors[0] + Slack, $"Tensors by round: {string.Join(' ', tensors)}");
        Assert.InRange(calls.Begun, rounds * CallsPerRound / 2, long.MaxValue);
        Assert.InRange(runs.Made, rounds * CallsPerRound / 4, long.MaxValue);
    }

    private static async ValueTask CallAsync(RunningServer server, int number)
    {
        AlignmentSpec spec = Specs.Sea(iterations: 2 + (number % 5), chains: 1 + (number % 4));
        spec.Seed = (ulong)number + 1;
        CallOptions options = number % 7 == 3 ? new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(number % 40)) : default;
        if (number % 5 == 1)
        {
            spec.BestOfN = new BestOfNParameters { SampleCount = 6 };
        }
        else if (number % 11 == 4)
        {
            spec.MaxResponseTokens = 0;
        }

        try
        {
            using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(
                new StreamAlignRequest { Spec = spec }, options);
            int read = 0;
            while (await call.ResponseStream.MoveNext(default) && (number % 6 != 2 || read++ < number % 9))
            {
            }
        }
        catch (RpcException failure)
        {
            // A deadline that the queue would overrun is refused as RESOURCE_EXHAUSTED.
            Assert.Contains(
                failure.StatusCode,
                new[] { StatusCode.InvalidArgument, StatusCode.DeadlineExceeded, StatusCode.Cancelled, StatusCode.ResourceExhausted });
        }
    }
}
