using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Models;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>The real server on a real Kestrel, with TLS and a Unix socket beside its own listener where asked for.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private TestServer(WebApplication app)
    {
        _app = app;
        _channel = GrpcChannel.ForAddress(Grpc);
    }

    public string Grpc => Address("http://");

    public string Http => Addresses.Where(address => address.StartsWith("http://", StringComparison.Ordinal)).ElementAt(1);

    public string Tls => Address("https://").Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    public string Unix => Address("unix:");

    public AlignmentService.AlignmentServiceClient Alignment => new(_channel);

    private IReadOnlyList<string> Addresses => _app.Services.GetRequiredService<ServerDescription>().Addresses;

    /// <summary>What its calls carried.</summary>
    public SeenMetadata Seen => _app.Services.GetRequiredService<SeenMetadata>();

    /// <summary>Starts one.</summary>
    /// <param name="script">The runs that no model makes.</param>
    /// <param name="settings">Section:Name=VALUE.</param>
    /// <param name="certificate">With it TLS listens too.</param>
    /// <param name="socket">Path of a Unix socket that listens too.</param>
    /// <param name="wait">Whether to wait until it takes calls.</param>
    public static async Task<TestServer> StartAsync(
        Func<AlignmentTask, IAlignmentRun?> script, IEnumerable<string> settings, X509Certificate2? certificate = null,
        string? socket = null, bool wait = true)
    {
        string[] args =
        [
            .. (
                (string[])[
                    "Transport:Grpc=http://127.0.0.1:0", "Transport:Http=http://127.0.0.1:0", "Models:Device=cpu", "Models:Threads=1",
                    .. settings])
                .Select(setting => $"--SeaGrpc:{setting}"),
        ];
        WebApplication app = SeaServer.Build(args, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<BackendFactory>(models => new ScriptedBackend(models, script));
            builder.Services.AddSingleton<SeenMetadata>();
            builder.Services.AddSingleton<IStartupFilter>(services => services.GetRequiredService<SeenMetadata>());
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                if (certificate is not null)
                {
                    kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate).Protocols = HttpProtocols.Http2);
                }

                if (socket is not null)
                {
                    kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
                }
            });
        });
        await app.StartAsync();
        if (wait)
        {
            await app.Services.GetRequiredService<StartupOutcome>().Completion.WaitAsync(TimeSpan.FromMinutes(5));
        }

        return new TestServer(app);
    }

    /// <summary>
    /// Starts an alignment and returns when it runs. Its events are read until the server ends, or it would count as stalled.
    /// </summary>
    public async Task HoldAsync(AlignmentSpec spec)
    {
        // The call is owned by the channel, which ends it.
        AsyncServerStreamingCall<StreamAlignResponse> call = Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });
        await call.ResponseStream.MoveNext(default);
        _ = Task.Run(async () =>
        {
            try
            {
                while (await call.ResponseStream.MoveNext(default))
                {
                }
            }
            catch (RpcException)
            {
                // The server or the channel has ended.
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private string Address(string scheme) => Addresses.First(address => address.StartsWith(scheme, StringComparison.Ordinal));
}
