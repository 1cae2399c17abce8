using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SeaGrpc.Alignment;
using SeaGrpc.Server;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Models;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>A real Kestrel on free ports with tiny models, and a real channel to it.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly TinyFolders _folders = new();
    private readonly WebApplication _app;

    private RunningServer(
        Func<AlignmentTask, IAlignmentRun?>? script, BackendFactory? factory, TimeProvider? clock, IReadOnlyList<string> settings)
    {
        string[] args =
        [
            "--SeaGrpc:Transport:Grpc=http://127.0.0.1:0",
            "--SeaGrpc:Transport:Http=http://127.0.0.1:0",
            $"--SeaGrpc:Models:Policy={_folders.Policy}",
            $"--SeaGrpc:Models:Reward={_folders.Reward}",
            "--SeaGrpc:Models:Device=cpu",
            "--SeaGrpc:Models:Threads=1",
            .. settings.Select(
                setting => $"--SeaGrpc:{setting.Replace("{folder}", _folders.File(string.Empty), StringComparison.Ordinal)}"),
        ];
        _app = SeaServer.Build(args, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(clock ?? TimeProvider.System);
            builder.Services.AddSingleton(factory ?? (models => new ScriptedBackend(models, script ?? (_ => null))));
        });
    }

    public string Address => _app.Services.GetRequiredService<ServerDescription>().Addresses[0];

    /// <summary>What it says when it is ready.</summary>
    public string Description => _app.Services.GetRequiredService<ServerDescription>().Describe();

    public string HttpAddress => _app.Services.GetRequiredService<ServerDescription>().Addresses[1];

    /// <summary>Address of the OpenAI-compatible API, without /v1.</summary>
    public string OpenAiAddress => _app.Services.GetRequiredService<ServerDescription>().OpenAiAddress!;

    public GrpcChannel Channel { get; private set; } = null!;

    public AlignmentService.AlignmentServiceClient Alignment => new(Channel);

    public InfoService.InfoServiceClient Info => new(Channel);

    public Health.HealthClient Health => new(Channel);

    /// <summary>The meters of this host alone.</summary>
    internal IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    /// <summary>A service of the host, or null.</summary>
    internal T? Service<T>()
        where T : class => _app.Services.GetService<T>();

    internal ModelHost Models => _app.Services.GetRequiredService<ModelHost>();

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="script">Makes the run of a task, or null for the real one; sees the warm-up's too, with the seed 0.</param>
    /// <param name="settings">Section:Name=VALUE.</param>
    public static async Task<RunningServer> StartAsync(Func<AlignmentTask, IAlignmentRun?>? script = null, params string[] settings)
    {
        RunningServer server = await ListenAsync(task => task.Seed == 0 ? null : script?.Invoke(task), null, settings);
        await server.ReadyAsync();
        return server;
    }

    /// <summary>Starts one and waits until it listens.</summary>
    public static Task<RunningServer> ListenAsync(
        Func<AlignmentTask, IAlignmentRun?>? script, BackendFactory? factory = null, params string[] settings) =>
        ListenAsync(new RunningServer(script, factory, clock: null, settings));

    /// <summary>Starts one whose jobs' times a clock counts, and waits until it is ready.</summary>
    public static async Task<RunningServer> StartAsync(TimeProvider clock, Func<IAlignmentRun> script, params string[] settings)
    {
        RunningServer server =
            await ListenAsync(new RunningServer(task => task.Seed == 0 ? null : script(), factory: null, clock, settings));
        await server.ReadyAsync();
        return server;
    }

    public Task ReadyAsync() =>
        _app.Services.GetRequiredService<StartupOutcome>().Completion.WaitAsync(TimeSpan.FromMinutes(5));

    /// <summary>The paths that it answers on.</summary>
    public IEnumerable<string> Routes() =>
        _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!);

    /// <summary>As SIGTERM does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folders.Dispose();
    }

    private static async Task<RunningServer> ListenAsync(RunningServer server)
    {
        await server._app.StartAsync();
        server.Channel = Connect(server.Address);
        return server;
    }

    /// <summary>A channel to an address as the server tells it.</summary>
    public static GrpcChannel Connect(string address)
    {
        if (!address.StartsWith("unix:", StringComparison.Ordinal))
        {
            return GrpcChannel.ForAddress(address);
        }

        var endpoint = new UnixDomainSocketEndPoint(address["unix:".Length..]);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(endpoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
    }
}
