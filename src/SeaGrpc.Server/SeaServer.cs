using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server;

/// <summary>The sidecar as a program.</summary>
public static class SeaServer
{
    /// <summary>Serves until SIGTERM or Ctrl-C.</summary>
    /// <param name="args">Settings, as --SeaGrpc:Section:Name=VALUE.</param>
    /// <returns>The exit code: 0, or 1 where the server cannot start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        Exception? failure;
        try
        {
            await using WebApplication app = Build(args);
            StartupOutcome outcome = app.Services.GetRequiredService<StartupOutcome>();
            await app.RunAsync();
            failure = outcome.Failure is OperationCanceledException ? null : outcome.Failure;
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        if (failure is null)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync($"SeaGrpc cannot start. {StartFailure.Describe(failure)}");
        return 1;
    }

    /// <summary>Builds the host; nothing is loaded before it starts.</summary>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(SeaServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.ConfigureKestrel(Listen);
        builder.Services.AddSeaGrpc();
        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapSeaGrpc();
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel)
    {
        TransportOptions transport = kestrel.ApplicationServices.GetRequiredService<IOptions<TransportOptions>>().Value;
        kestrel.Limits.Http2.KeepAlivePingDelay = transport.KeepAlivePingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = transport.KeepAlivePingTimeout;
        kestrel.AddServerHeader = false;
        if (ListenAddress.TryParse(transport.Grpc, out ListenAddress? grpc))
        {
            grpc.Listen(kestrel, HttpProtocols.Http2);
        }

        if (ListenAddress.TryParse(transport.Http, out ListenAddress? http))
        {
            http.Listen(kestrel, HttpProtocols.Http1);
        }
    }
}
