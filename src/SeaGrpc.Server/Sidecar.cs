using SeaGrpc.Modeling;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server;

/// <summary>Runs the server inside another process, on a free loopback port, without HTTP unless configured.</summary>
public sealed class Sidecar : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Sidecar(WebApplication app, ServerStart start)
    {
        _app = app;
        Start = start;
    }

    /// <summary>What is served, and where.</summary>
    public ServerStart Start { get; }

    /// <summary>Address of gRPC: http://127.0.0.1:PORT.</summary>
    public string Address => Start.Grpc;

    /// <summary>Address of the OpenAI-compatible API, without /v1; null if it is not served.</summary>
    public string? OpenAiAddress => Start.OpenAi;

    /// <summary>What is served, for people.</summary>
    public string Description => Start.Description;

    /// <summary>Starts it; complete when it is ready: models loaded, one alignment run.</summary>
    /// <param name="settings">Settings by their full key, SeaGrpc:Models:Device say; null for the defaults.</param>
    /// <param name="log">Whether it logs to the console.</param>
    /// <param name="makeRewards">Makes the rewards; null loads those that the settings name.</param>
    /// <param name="loading">Receives how far the weights have been read, from any thread; null for nobody.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="SidecarStartException">It cannot start; the message says why and what to change.</exception>
    public static async Task<Sidecar> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, bool log = false, RewardFactory? makeRewards = null,
        IProgress<LoadState>? loading = null, CancellationToken cancellationToken = default)
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
                if (makeRewards is not null)
                {
                    builder.Services.AddSingleton(makeRewards);
                }

                if (loading is not null)
                {
                    builder.Services.AddSingleton(loading);
                }

                if (!log)
                {
                    builder.Logging.ClearProviders();
                }
            });
            await app.StartAsync(cancellationToken);
            await app.Services.GetRequiredService<StartupOutcome>().Completion.WaitAsync(cancellationToken);
            return new Sidecar(app, app.Services.GetRequiredService<ServerDescription>().Start);
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
