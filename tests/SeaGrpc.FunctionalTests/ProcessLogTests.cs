using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>What the process writes, and what happens where nobody reads it.</summary>
public sealed class ProcessLogTests
{
    private const string Rfc3339 = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z";
    private const int Calls = 300;

    [Fact]
    public async Task Times_have_a_date_and_a_zone_and_an_expected_end_is_one_line()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, "--Logging:Console:FormatterName=json");
        string ready = await process.LineAsync("Ready. gRPC on ");
        using GrpcChannel channel = GrpcChannel.ForAddress(ready.Split("gRPC on ")[1].Split(',')[0]);
        var client = new AlignmentService.AlignmentServiceClient(channel);
        AlignmentSpec late = Specs.Sea(iterations: 1000, chains: 64);
        late.MaxResponseTokens = 200;
        late.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1));
        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            async () => await client.AlignAsync(new AlignRequest { Spec = late }));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        string line = await process.LineAsync("NO_RESPONSE_IN_TIME");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());

        JsonElement[] records =
            [.. process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(record => JsonDocument.Parse(record).RootElement)];
        Assert.All(records, record => Assert.Matches($"^{Rfc3339}$", record.GetProperty("Timestamp").GetString()));
        Assert.All(records, record => Assert.False(record.TryGetProperty("Exception", out _)));
        JsonElement state = JsonDocument.Parse(line).RootElement.GetProperty("State");
        Assert.Matches("^[0-9a-f]{32}$", state.GetProperty("AlignmentId").GetString());
        Assert.True(state.GetProperty("QueueMilliseconds").GetDouble() > 0);
        Assert.Contains(
            records, record =>
                record.GetProperty("Message").GetString()!.StartsWith($"Loading {folders.Policy}: ", StringComparison.Ordinal));
        Assert.Contains(
            records, record =>
                record.GetProperty("Message").GetString()!.StartsWith($"Loading {folders.Reward}: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_text_too()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        await process.LineAsync("Loading ");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.Matches($"^{Rfc3339} info: ", process.Output);
    }

    [Fact]
    public async Task Asked_for_its_version_it_tells_that()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, "--version");
        Assert.Equal(0, await process.ExitAsync());
        Assert.Equal($"{SeaServer.Version}\n", process.Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_that_nobody_reads_stalls_no_call_and_no_stop(bool isReadLater)
    {
        using var folders = new TinyFolders();
        string path = folders.File("grpc.sock");
        using ServerProcess process = ServerProcess.Start(
            folders, [$"Transport:Grpc=unix:{path}", "--Logging:LogLevel:Default=Debug", "--Logging:Console:MaxQueueLength=10"], [],
            isRead: false);
        using GrpcChannel channel = RunningServer.Connect($"unix:{path}");
        await ServingAsync(process, new Health.HealthClient(channel));
        var info = new InfoService.InfoServiceClient(channel);
        for (int call = 0; call < Calls; call++) // Some 80 KB of lines: more than a pipe holds.
        {
            await info.GetServerInfoAsync(new(), deadline: DateTime.UtcNow.AddMinutes(1));
        }

        if (isReadLater)
        {
            process.Read();
            Assert.Matches(@"\d+ log lines were dropped here", await process.LineAsync("log lines were dropped here"));
        }

        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.Equal(!isReadLater, process.Output.Contains("log lines were lost: nobody read them.", StringComparison.Ordinal));
    }

    private static async Task ServingAsync(ServerProcess process, Health.HealthClient health)
    {
        while (true)
        {
            try
            {
                if ((await health.CheckAsync(new())).Status == HealthCheckResponse.Types.ServingStatus.Serving)
                {
                    return;
                }
            }
            catch (RpcException failure) when (failure.Status.DebugException?.GetBaseException() is SocketException)
            {
                // It does not listen yet.
            }

            Assert.False(process.HasExited, process.Output);
            await Task.Delay(100);
        }
    }
}
