using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server;

/// <summary>Runs the server inside another process, on a free loopback port, without HTTP unless configured.</summary>
public sealed class Sidecar : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Sidecar(WebApplication app, string address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Address of gRPC: http://127.0.0.1:PORT.</summary>
    public string Address { get; }

    /// <summary>Starts the sidecar. Completes when it is ready: models loaded, one alignment run.</summary>
    /// <param name="settings">Settings by full key, for example SeaGrpc:Models:Device; null for the defaults.</param>
    /// <param name="log">Whether to log to the console.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="SidecarStartException">The sidecar cannot start. The message says why and what to change.</exception>
    public static async Task<Sidecar> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, bool log = false, CancellationToken cancellationToken = default)
    {
        WebApplication? app = null;
        try
        {
            app = SeaServer.Build([], builder =>
            {
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["SeaGrpc:Transport:Grpc"] = "http://127.0.0.1:0",
                    ["SeaGrpc:Transport:Http"] = ListenAddress.None,
                });
                builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
                builder.Services.AddSingleton<IHostLifetime, NoSignals>();
                if (!log)
                {
                    builder.Logging.ClearProviders();
                }
            });
            await app.StartAsync(cancellationToken);
            await app.Services.GetRequiredService<StartupOutcome>().Completion.WaitAsync(cancellationToken);
            return new Sidecar(app, app.Services.GetRequiredService<ServerDescription>().Addresses[0]);
        }
        catch (Exception failure)
        {
            // A host that stops during its start reports only a cancellation. The outcome holds the cause.
            Exception cause = app?.Services.GetRequiredService<StartupOutcome>().Failure ?? failure;
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            if (failure is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw new SidecarStartException(StartFailure.Describe(cause), cause);
        }
    }

    /// <summary>Drains and stops the sidecar.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>The sidecar could not start.</summary>
public sealed class SidecarStartException(string message, Exception cause) : Exception(message, cause);
