using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>Callers that are stopped or killed: their runs end, and nobody waits for them.</summary>
public sealed class LostReaderTests
{
    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task A_reader_that_is_gone_or_frozen_loses_its_run_and_others_go_on(string signal)
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null, "Transport:KeepAlivePingDelay=00:00:01", "Transport:KeepAlivePingTimeout=00:00:01", "Engine:MaxConcurrentJobs=2");
        AlignmentSpec endless = Specs.Sea(iterations: 1000, chains: 4);
        endless.MaxResponseTokens = 400;
        using NodeReader reader = await NodeReader.StartAsync(server.Address, endless);
        Assert.Equal(1, server.Models.Engine.RunningJobs);

        reader.Signal(signal);
        Assert.Equal(StopReason.Iterations, (await server.AlignAsync(Specs.Sea())).Final.StopReason);
        await server.IdleAsync();
    }
}
