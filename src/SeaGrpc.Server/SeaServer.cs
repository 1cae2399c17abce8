using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;

namespace SeaGrpc.Server;

/// <summary>The sidecar as a program.</summary>
public static class SeaServer
{
    /// <summary>Serves until SIGTERM or Ctrl-C.</summary>
    /// <param name="args">
    /// Settings, as --SeaGrpc:Section:Name=VALUE; with --health-check the server that runs under these settings is asked instead,
    /// and --help tells that.
    /// </param>
    /// <returns>The exit code: 0, or 1 where the server cannot start or does not take calls.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        StartupOutcome? outcome = null;
        Exception? failure = null;
        try
        {
            if (args.Contains(CommandLineArguments.Help))
            {
                Console.WriteLine(CommandLineArguments.Usage);
                return 0;
            }

            await using WebApplication app = Build(CommandLineArguments.Settings(args));
            if (args.Contains(HealthProbe.Argument))
            {
                return await HealthProbe.RunAsync(app.Services.GetRequiredService<IOptions<TransportOptions>>().Value);
            }

            outcome = app.Services.GetRequiredService<StartupOutcome>();
            await app.RunAsync();
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        // A model that cannot be loaded stops the host, which then reports the stop: the cause comes first.
        failure = outcome?.Failure is { } cause and not OperationCanceledException ? cause : failure;
        if (failure is null or OperationCanceledException)
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

        // A start that fails is told once, by RunAsync, in words that say what to change.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is LogLevel.Warning or LogLevel.Error);
        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapSeaGrpc();
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel)
    {
        TransportOptions transport = kestrel.ApplicationServices.GetRequiredService<IOptions<TransportOptions>>().Value;
        EngineOptions engine = kestrel.ApplicationServices.GetRequiredService<IOptions<EngineOptions>>().Value;
        kestrel.Limits.Http2.KeepAlivePingDelay = transport.KeepAlivePingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = transport.KeepAlivePingTimeout;
        kestrel.Limits.Http2.MaxStreamsPerConnection = ConnectionLimits.Streams(engine);
        kestrel.Limits.MaxRequestBodySize = ConnectionLimits.BodyBytes(transport);
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
