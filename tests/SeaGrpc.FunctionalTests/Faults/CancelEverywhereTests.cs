using Google.Protobuf;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>A call that is cancelled at any event, and deadlines of any length, while another call runs on unharmed.</summary>
public sealed class CancelEverywhereTests
{
    [Fact]
    public async Task A_call_may_be_cancelled_at_every_event_and_its_neighbour_does_not_notice()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        double alone = (await server.AlignAsync(Specs.Sea(iterations: 8))).Final.Response.Energy;
        int events = (await server.StreamAsync(Other())).Count;
        for (int last = 0; last < events; last++)
        {
            Task<AlignResponse> neighbour = server.AlignAsync(Specs.Sea(iterations: 8));
            using (AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(
                new StreamAlignRequest { Spec = Other() }))
            {
                for (int read = 0; read < last && await call.ResponseStream.MoveNext(default); read++)
                {
                }
            }

            Assert.Equal(alone, (await neighbour).Final.Response.Energy);
            await server.IdleAsync();
        }
    }

    [Fact]
    public async Task Every_deadline_from_a_millisecond_up_ends_a_call_and_frees_the_device()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        AlignmentSpec spec = Specs.Sea(iterations: 1000, chains: 4);
        spec.MaxResponseTokens = 200;
        foreach (int milliseconds in new[] { 1, 2, 3, 5, 8, 13, 20, 35, 60, 100, 180, 300, 500, 900 })
        {
            try
            {
                AlignResponse answer = await server.AlignAsync(
                    spec, new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(milliseconds)));
                Assert.Equal(StopReason.TimeLimit, answer.Final.StopReason);
            }
            catch (RpcException failure)
            {
                Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
            }

            await server.IdleAsync();
        }
    }

    /// <summary>The server's own word, from a caller that keeps no time itself.</summary>
    [Fact]
    public async Task A_deadline_that_passes_while_a_call_is_prepared_is_not_said_to_be_a_cancellation()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        string address = await process.AddressAsync();
        using var client = new HttpClient();
        AlignmentSpec spec = Specs.Sea(iterations: 1000, chains: 4);
        byte[] message = new AlignRequest { Spec = spec }.ToByteArray();
        foreach (string timeout in Enumerable.Repeat((string[])["1u", "200u", "1m", "2m"], 15).SelectMany(each => each))
        {
            (string status, string said) = await RawCalls.PostAsync(client, address, "Align", message, timeout);
            Assert.True(status == "4", $"{timeout}: {status} {said}");
        }
    }

    private static AlignmentSpec Other()
    {
        AlignmentSpec spec = Specs.Sea(iterations: 6, chains: 3);
        spec.Seed = 99;
        spec.Updates = new UpdateOptions { EveryNIterations = 1 };
        return spec;
    }
}
