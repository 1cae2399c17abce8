using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>Many streams at once.</summary>
public sealed class LoadTests
{
    private const int Streams = 500;
    private const int DifferentSeeds = 10;

    [Fact]
    public async Task Five_hundred_streams_at_once_each_end_with_the_answer_that_they_have_alone()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null, "Engine:MaxConcurrentJobs=32", $"Engine:MaxQueuedJobs={Streams}", "Engine:QueueTimeout=00:10:00");
        string[] alone = new string[DifferentSeeds];
        for (int seed = 0; seed < DifferentSeeds; seed++)
        {
            alone[seed] = End(await server.StreamAsync(SpecOf(seed)));
        }

        string[] together = await Task.WhenAll(Enumerable.Range(0, Streams).Select(async index =>
            End(await server.StreamAsync(SpecOf(index % DifferentSeeds)))));

        Assert.Equal(Enumerable.Range(0, Streams).Select(index => alone[index % DifferentSeeds]), together);
        await server.IdleAsync();
    }

    [Fact]
    public async Task SIGTERM_under_load_ends_every_stream_with_a_final_or_a_clear_status_and_the_process_with_0()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, "Engine:MaxConcurrentJobs=4");
        string ready = await process.LineAsync("Ready. gRPC on ");
        using GrpcChannel channel = GrpcChannel.ForAddress(ready.Split("gRPC on ")[1].Split(',')[0]);
        var client = new AlignmentService.AlignmentServiceClient(channel);
        using var begun = new SemaphoreSlim(0);
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string>[] ends = [.. Enumerable.Range(0, 40).Select(async index =>
        {
            AlignmentSpec spec = Specs.Sea(iterations: 1000, chains: 4);
            spec.MaxResponseTokens = 200;
            try
            {
                using AsyncServerStreamingCall<StreamAlignResponse> call = client.StreamAlign(new StreamAlignRequest { Spec = spec });
                StreamAlignResponse? last = null;
                while (await call.ResponseStream.MoveNext(default))
                {
                    last = call.ResponseStream.Current;
                    if (last.Sequence == 0)
                    {
                        begun.Release();
                    }

                    if (last.EventCase == StreamAlignResponse.EventOneofCase.Draft)
                    {
                        answered.TrySetResult();
                    }
                }

                return last!.Final.StopReason.ToString();
            }
            catch (RpcException failure)
            {
                return $"{failure.StatusCode} {failure.Info().Reason}";
            }
        })];
        for (int index = 0; index < 40; index++)
        {
            await begun.WaitAsync(TimeSpan.FromMinutes(2));
        }

        await answered.Task.WaitAsync(TimeSpan.FromMinutes(2));
        process.Terminate();
        string[] seen = await Task.WhenAll(ends).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(0, await process.ExitAsync());
        Assert.Equal(["Draining", "Unavailable DRAINING"], seen.Distinct().Order(StringComparer.Ordinal));
    }

    private static AlignmentSpec SpecOf(int seed)
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Seed = (ulong)seed + 1;
        return spec;
    }

    private static string End(List<StreamAlignResponse> events)
    {
        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (ulong)number), events.Select(message => (ulong)message.Sequence));
        AlignmentFinal final = events[^1].Final;
        return $"{final.StopReason} {final.Response.Reward:R} {final.Response.Energy:R} {string.Join(' ', final.Response.TokenIds)} "
            + $"{final.Response.Text}";
    }
}
