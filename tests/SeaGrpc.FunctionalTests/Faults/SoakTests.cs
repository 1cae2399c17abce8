using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>Mixed traffic for a while: calls that end, are cancelled, run out of time, are wrong; memory stays where it was.</summary>
public sealed class SoakTests
{
    private const int Rounds = 10;
    private const int CallsPerRound = 300;
    private const int AtOnce = 12;

    /// <summary>Growth that is not a leak: pools, caches of the heap and of the tensor library.</summary>
    private const long Slack = 96L << 20;

    [Fact]
    public async Task Memory_stays_where_it_was_under_mixed_traffic()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, "Engine:MaxConcurrentJobs=6", "Engine:MaxQueuedJobs=1000");
        List<long> resident = [];
        for (int round = 0; round < Rounds; round++)
        {
            int begun = round * CallsPerRound;
            await Parallel.ForEachAsync(
                Enumerable.Range(begun, CallsPerRound), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (number, _) => CallAsync(server, number));
            await server.IdleAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            resident.Add(Environment.WorkingSet);
        }

        // The rounds before fill pools, and so do the tests that run beside this one in the process.
        Assert.True(resident[^1] < resident[^4] + Slack, $"Resident MiB by round: {string.Join(' ', resident.Select(bytes => bytes >> 20))}");
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
            using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec }, options);
            int read = 0;
            while (await call.ResponseStream.MoveNext(default) && (number % 6 != 2 || read++ < number % 9))
            {
            }
        }
        catch (RpcException failure)
        {
            Assert.Contains(failure.StatusCode, new[] { StatusCode.InvalidArgument, StatusCode.DeadlineExceeded, StatusCode.Cancelled });
        }
    }
}
