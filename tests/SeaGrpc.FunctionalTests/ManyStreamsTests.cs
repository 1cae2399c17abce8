using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>One connection carries as many calls as the engine takes, and the calls that control them.</summary>
public sealed class ManyStreamsTests
{
    private const int Streams = 160;

    private static readonly DateTime Soon = DateTime.UtcNow.AddMinutes(5);

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("unix:{folder}/many.sock")]
    public async Task More_streams_than_a_hundred_run_and_wait_on_one_connection(string address)
    {
        // The gate holds the model thread within a turn: with room for a second job, that one could wait untold for the next turn.
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(
            runs.Script, $"Transport:Grpc={address}", "Engine:MaxQueuedJobs=1000", "Engine:MaxConcurrentJobs=1",
            "Engine:QueueTimeout=00:05:00");
        using GrpcChannel channel = OneConnection(server.Address);
        var alignment = new AlignmentService.AlignmentServiceClient(channel);
        AsyncServerStreamingCall<StreamAlignResponse>[] calls =
        [
            .. Enumerable
                .Range(0, Streams)
                .Select(_ => alignment.StreamAlign(new StreamAlignRequest { Spec = Specs.Sea() }, deadline: Soon)),
        ];

        await Task.WhenAll(calls.Select(async call => Assert.True(await call.ResponseStream.MoveNext(default))));

        Assert.Single(calls, call => call.ResponseStream.Current.Started is not null);
        Assert.False((await alignment.CancelAlignmentAsync(new() { RequestId = "nothing" }, deadline: Soon)).Cancelled);
        Assert.Equal(1000, (await new InfoService.InfoServiceClient(channel).GetServerInfoAsync(new(), deadline: Soon)).Limits.QueueLength);
        HealthCheckResponse health = await new Health.HealthClient(channel).CheckAsync(new(), deadline: Soon);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        Array.ForEach(calls, call => call.Dispose());
        runs.Gate.Open();
    }

    [Fact]
    public async Task Calls_beyond_the_queue_are_refused_and_not_kept_waiting_for_a_stream()
    {
        using var runs = new GatedRuns();
        await using RunningServer server = await RunningServer.StartAsync(
            runs.Script, "Engine:MaxQueuedJobs=120", "Engine:MaxConcurrentJobs=1", "Engine:QueueTimeout=00:05:00");
        using GrpcChannel channel = OneConnection(server.Address);
        var alignment = new AlignmentService.AlignmentServiceClient(channel);
        AsyncServerStreamingCall<StreamAlignResponse>[] calls =
            [.. Enumerable.Range(0, 121).Select(_ => alignment.StreamAlign(new StreamAlignRequest { Spec = Specs.Sea() }, deadline: Soon))];
        await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext(default)));

        RpcException refused = await Failures.OfAsync(
            async () => await alignment.AlignAsync(new AlignRequest { Spec = Specs.Sea() }, deadline: Soon));

        refused.AssertIs(StatusCode.ResourceExhausted, "QUEUE_FULL");
        Array.ForEach(calls, call => call.Dispose());
        runs.Gate.Open();
    }

    [Fact]
    public async Task A_message_as_long_as_the_settings_allow_is_read()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, $"Transport:MaxRequestBytes={64 << 20}");
        AlignmentSpec spec = Specs.Sea();
        spec.Prompt = Specs.Text(new string('a', 40_000_000)); // More than Kestrel's own limit of a body.

        RpcException failure = await Failures.OfAsync(() => server.AlignAsync(spec));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.StartsWith("spec.prompt", Assert.Single(failure.Violations()).Field, StringComparison.Ordinal);
    }

    private static GrpcChannel OneConnection(string address)
    {
        bool isSocket = address.StartsWith("unix:", StringComparison.Ordinal);
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        if (isSocket)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address["unix:".Length..]), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        return GrpcChannel.ForAddress(
            isSocket ? "http://localhost" : address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
