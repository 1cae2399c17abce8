using SeaGrpc.Clients.Tests.Support;

namespace SeaGrpc.Clients.Tests;

/// <summary>The servers of the cases, started once for all languages.</summary>
public sealed class ConformanceFixture : IAsyncLifetime
{
    internal ConformanceServers Servers { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Servers = await ConformanceServers.StartAsync();

    public ValueTask DisposeAsync() => Servers.DisposeAsync();
}
