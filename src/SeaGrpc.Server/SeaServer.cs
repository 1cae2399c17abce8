using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment.SelfCheck;
using SeaGrpc.Modeling.SelfCheck;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Listening;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Settings;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Serving;

namespace SeaGrpc.Server;

/// <summary>The sidecar as a program.</summary>
public static class SeaServer
{
    /// <summary>The version that <c>--version</c> and GetServerInfo report.</summary>
    public static string Version => InfoMapper.Version;

    /// <summary>Serves until SIGTERM or Ctrl-C.</summary>
    /// <param name="args">
    /// Settings, as --SeaGrpc:Section:Name=VALUE. Instead of serving, --health-check probes the server that runs under these settings,
    /// --self-check checks libtorch, --version prints the version and --help prints the usage.
    /// </param>
    /// <returns>The exit code: 0, or 1 if the server cannot start or does not accept calls.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains(CommandLineArguments.Help))
        {
            Console.WriteLine(CommandLineArguments.Usage);
            return 0;
        }

        if (args.Contains(CommandLineArguments.Version))
        {
            Console.WriteLine(Version);
            return 0;
        }

        if (args.Contains(SelfCheckProcess.Argument))
        {
            return LibTorchSelfCheck.Run(Console.Out);
        }

        return args.Contains(HealthProbe.Argument) ? await AskAsync(args) : await ServeAsync(args);
    }

    /// <summary>Builds the host. Nothing is loaded before it starts.</summary>
    /// <exception cref="SettingsException">Settings are wrong; the message lists them.</exception>
    internal static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        CommandLineArguments arguments = CommandLineArguments.Parse(args);
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = arguments.Settings,
            ApplicationName = typeof(SeaServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.ConfigureKestrel(Listen);
        builder.Services.AddSeaGrpc();
        builder.Logging.AddConsoleLog();

        // RunAsync reports a failed start once, with what to change.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is LogLevel.Warning or LogLevel.Error);
        configure?.Invoke(builder);
        SettingsCheck.Run(builder.Configuration, [.. arguments.Violations, .. OtlpTarget.Violations(builder.Configuration)]);
        builder.AddTelemetry(Version);
        WebApplication app = builder.Build();
        app.MapSeaGrpc();
        return app;
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        StartupOutcome? outcome = null;
        ModelHost? models = null;
        Exception? failure = null;
        using var signals = new StopSignals();
        try
        {
            await using WebApplication app = Build(args, builder => builder.Services.AddSingleton<IHostLifetime, NoSignals>());
            outcome = app.Services.GetRequiredService<StartupOutcome>();
            models = app.Services.GetRequiredService<ModelHost>();
            await app.RunAsync(signals.Stop);
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        // If a model cannot be loaded, the host stops and reports only the stop. The cause comes first.
        failure = outcome?.Failure is { } cause and not OperationCanceledException ? cause : failure;
        int exitCode = failure is null or OperationCanceledException ? 0 : Fail(failure);
        if (models is { HasEnded: false })
        {
            ProcessEnd.Now(exitCode);
        }

        return exitCode;
    }

    private static async Task<int> AskAsync(string[] args)
    {
        try
        {
            await using WebApplication app = Build(args);
            return await HealthProbe.RunAsync(app.Services.GetRequiredService<IOptions<TransportOptions>>().Value);
        }
        catch (Exception failure)
        {
            return Fail(failure);
        }
    }

    private static int Fail(Exception failure)
    {
        LastWords.Write($"SeaGrpc cannot start. {StartFailure.Describe(failure)}");
        return 1;
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
        UnixAuthority.Accept(kestrel);
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
