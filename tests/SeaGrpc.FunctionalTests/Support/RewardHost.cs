using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>A reward outside the server: a real Kestrel with the contract's RewardService, or with what a test maps on it.</summary>
public sealed class RewardHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RewardHost(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What it was asked, without the samples of the start, in the order of arrival.</summary>
    public ConcurrentQueue<RewardServiceScoreRequest> Asked { get; } = [];

    /// <summary>The metadata authorization of every call.</summary>
    public ConcurrentQueue<string?> Authorizations { get; } = [];

    /// <summary>Called before each answer, with the call and what it asks; samples too.</summary>
    public Func<ServerCallContext, PromptResponses, Task> OnCall { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The reward of a response.</summary>
    public Func<PromptResponses, ResponseToScore, double> Reward { get; set; } = (_, response) => Worth(response.Text);

    /// <summary>Changes an answer before it is sent.</summary>
    public Func<RewardServiceScoreResponse, RewardServiceScoreResponse> Spoil { get; set; } = response => response;

    /// <summary>A reward that tells texts apart: exact in single precision.</summary>
    public static double Worth(string text) => (text.Sum(character => character * 7) % 1009) / 256.0;

    /// <summary>Starts a RewardService.</summary>
    /// <param name="port">Its port; 0 for a free one.</param>
    /// <param name="socket">Its Unix socket instead; null for none.</param>
    public static async Task<RewardHost> StartAsync(int port = 0, string? socket = null)
    {
        RewardHost? host = null;
        host = await StartAsync(
            kestrel =>
            {
                if (socket is null)
                {
                    kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
                }
                else
                {
                    kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
                }
            },
            services =>
            {
                services.AddGrpc();
                services.AddSingleton(_ => new Service(host!));
            },
            app => app.MapGrpcService<Service>(),
            made => host = made);
        return host;
    }

    /// <summary>Starts an HTTP server.</summary>
    public static Task<RewardHost> StartHttpAsync(
        Action<WebApplication> map, int port = 0, HttpProtocols protocols = HttpProtocols.Http1) =>
        StartAsync(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols), _ => { }, map, _ => { });

    /// <summary>Ends at once, in the middle of what is under way.</summary>
    public Task KillAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<RewardHost> StartAsync(
        Action<KestrelServerOptions> listen, Action<IServiceCollection> register, Action<WebApplication> map, Action<RewardHost> made)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(listen);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        register(builder.Services);
        WebApplication app = builder.Build();
        map(app);
        var host = new RewardHost(app);
        made(host);
        await app.StartAsync();
        return host;
    }

    private sealed class Service(RewardHost host) : RewardService.RewardServiceBase
    {
        public override async Task<RewardServiceScoreResponse> Score(RewardServiceScoreRequest request, ServerCallContext context)
        {
            host.Authorizations.Enqueue(context.RequestHeaders.GetValue("authorization"));
            if (request.Prompts[0].Messages[0].Content != "What is the capital of France?")
            {
                host.Asked.Enqueue(request);
            }

            await host.OnCall(context, request.Prompts[0]);
            return host.Spoil(new RewardServiceScoreResponse
            {
                Prompts =
                {
                    request.Prompts.Select(prompt => new PromptRewards
                    {
                        Rewards = { prompt.Responses.Select(response => host.Reward(prompt, response)) },
                    }),
                },
            });
        }
    }
}
