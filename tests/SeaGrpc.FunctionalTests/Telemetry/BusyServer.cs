using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>A server that has had a call of every kind, so that it serves every metric.</summary>
public sealed class BusyServer : IAsyncLifetime
{
    public RunningServer Server { get; private set; } = null!;

    internal MetricsPage Page { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        await CallAsync();
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Calls the server once in every way.</summary>
    public async Task CallAsync()
    {
        await Server.StreamAsync(Specs.Sea());
        AlignmentSpec langevin = Specs.Sea();
        langevin.Sea.Preset = SeaPreset.Langevin;
        await Server.AlignAsync(langevin);
        AlignmentSpec search = Specs.Sea();
        search.EnergySearch = new EnergySearchParameters();
        await Server.AlignAsync(search);
        await Server.Alignment.ScoreAsync(
            new ScoreRequest { Pairs = { new ScorePair { Prompt = Specs.Text("Hello"), Response = Specs.Response("a") } } });
        await Assert.ThrowsAsync<RpcException>(() => Server.AlignAsync(new AlignmentSpec { Base = new BaseParameters() }));
        AlignmentSpec late = Specs.Sea(iterations: 1000, chains: 64);
        late.MaxResponseTokens = 200;
        late.TimeLimit = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<RpcException>(() => Server.AlignAsync(late));
        do
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Server.AlignAsync(Specs.Sea(iterations: 20))));
            Page = await ReadAsync();
        }
        while (Page.Sum("seagrpc_batch_passes_count") == 0);
    }

    internal async Task<MetricsPage> ReadAsync()
    {
        using var http = new HttpClient();
        return new MetricsPage(await http.GetStringAsync($"{Server.HttpAddress}/metrics"));
    }
}

[CollectionDefinition(Name)]
public sealed class BusyServerTests : ICollectionFixture<BusyServer>
{
    public const string Name = "one busy server";
}
