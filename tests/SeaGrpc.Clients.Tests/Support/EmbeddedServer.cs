using SeaGrpc.Server;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>A real server with the embedded models, for the tests of one class.</summary>
public sealed class EmbeddedServer : IAsyncLifetime
{
    private Sidecar? _sidecar;

    public string Address => _sidecar!.Address;

    public async ValueTask InitializeAsync() =>
        _sidecar = await Sidecar.StartAsync(new Dictionary<string, string?> { ["SeaGrpc:Models:Threads"] = "1" });

    public ValueTask DisposeAsync() => _sidecar?.DisposeAsync() ?? ValueTask.CompletedTask;
}
