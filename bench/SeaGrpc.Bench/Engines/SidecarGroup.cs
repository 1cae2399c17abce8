using SeaGrpc.Alignment;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.Bench.Engines;

/// <summary>Sidecars of this process before one engine. Calls take them in turn, as a service balances calls.</summary>
internal sealed class SidecarGroup : IAsyncDisposable
{
    private readonly List<(Sidecar Sidecar, SidecarConnection Connection, EngineCaller Caller)> _members = [];

    private SidecarGroup()
    {
    }

    /// <summary>Starts them.</summary>
    /// <param name="count">Their number.</param>
    /// <param name="start">Starts one.</param>
    /// <param name="method">What every call runs.</param>
    /// <param name="responseTokens">Longest response.</param>
    public static async Task<SidecarGroup> StartAsync(int count, Func<Task<Sidecar>> start, MethodParameters method, int responseTokens)
    {
        var group = new SidecarGroup();
        for (int one = 0; one < count; one++)
        {
            Sidecar sidecar = await start();
            var connection = new SidecarConnection(ServerAddress.Parse(sidecar.Address)!, token: null);
            group._members.Add((sidecar, connection, new EngineCaller(connection, method, responseTokens)));
        }

        return group;
    }

    /// <summary>Makes a call.</summary>
    /// <param name="call">Its number.</param>
    /// <returns>How long it took, in seconds, and its answer.</returns>
    public Task<(double Seconds, AlignmentFinal Final)> RunAsync(int call) => _members[call % _members.Count].Caller.RunAsync(call);

    public async ValueTask DisposeAsync()
    {
        foreach ((Sidecar sidecar, SidecarConnection connection, _) in _members)
        {
            connection.Dispose();
            await sidecar.DisposeAsync();
        }
    }
}
