using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing.Runs;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.FunctionalTests;

/// <summary>Signals at moments other than those of ordinary service.</summary>
public sealed class StopTests
{
    [Theory]
    [InlineData("Loading ")]
    [InlineData("warming up")]
    public async Task SIGTERM_before_it_is_ready_ends_the_process_with_0(string moment)
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        await process.LineAsync(moment);
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.DoesNotContain("cannot start", process.Output);
    }

    [Fact]
    public async Task A_server_that_stops_while_it_warms_up_has_not_failed()
    {
        using var gate = new Gate();
        await using RunningServer server = await RunningServer.ListenAsync(
            _ => new ScriptedRun { Iterations = 1_000_000, OnAdvance = _ => gate.Pass() });
        await gate.ArrivalAsync();
        Task stopped = server.StopAsync();
        gate.Open();
        await stopped.WaitAsync(TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<OperationCanceledException>(server.ReadyAsync);
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_at_once()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, "Engine:DrainBudget=01:00:00");
        string address = (await process.LineAsync("Ready. gRPC on ")).Split("gRPC on ")[1].Split(',')[0];
        using GrpcChannel channel = GrpcChannel.ForAddress(address);

        // An open call keeps the first one from ending the process.
        using AsyncServerStreamingCall<HealthCheckResponse> watch = new Health.HealthClient(channel).Watch(new());
        await watch.ResponseStream.MoveNext(default);
        process.Terminate();
        await watch.ResponseStream.MoveNext(default);
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        process.Terminate();
        Assert.Equal(128 + 15, await process.ExitAsync());
    }
}
