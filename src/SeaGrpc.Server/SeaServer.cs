using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment.SelfCheck;
using SeaGrpc.Modeling.SelfCheck;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Server.Listening;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.OpenAi;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Settings;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Server.Tls;
using SeaGrpc.Serving;

namespace SeaGrpc.Server;

/// <summary>The sidecar as a program.</summary>
public static class SeaServer
{
    /// <summary>The version that <c>--version</c> and GetServerInfo report.</summary>
    public static string Version => InfoMapper.Version;

    /// <summary>Serves until SIGTERM or Ctrl-C. SIGHUP loads the models again.</summary>
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

        return args.Contains(HealthProbe.Argument) ? await AskAsync(args) : await RunServerAsync(args, null);
    }

    /// <summary>Serves until SIGTERM or Ctrl-C, for a program that shows the start in its own way.</summary>
    /// <param name="settings">Settings, as --SeaGrpc:Section:Name=VALUE.</param>
    /// <param name="watch">Is told how the start goes.</param>
    /// <returns>The exit code: 0, or 1 if the server cannot start; standard error then says why.</returns>
    public static Task<int> ServeAsync(string[] settings, StartWatch watch)
    {
        ArgumentNullException.ThrowIfNull(watch);
        return RunServerAsync(settings, watch);
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

    private static async Task<int> RunServerAsync(string[] args, StartWatch? watch)
    {
        StartupOutcome? outcome = null;
        ModelHost? models = null;
        Exception? failure = null;
        using var signals = new StopSignals();
        using var hangUps = new ReloadSignal(() => _ = models?.ReloadAllAsync("by SIGHUP"));
        try
        {
            await using WebApplication app = Build(args, builder =>
            {
                builder.Services.AddSingleton<IHostLifetime, NoSignals>();
                if (watch is not null)
                {
                    builder.Services.AddSingleton(watch.Loading);
                    if (watch.Stages is { } stages)
                    {
                        builder.Services.AddSingleton(stages);
                    }
                }
            });
            outcome = app.Services.GetRequiredService<StartupOutcome>();
            models = app.Services.GetRequiredService<ModelHost>();
            Task told = watch is null ? Task.CompletedTask : TellAsync(app, watch);
            await app.RunAsync(signals.Stop);
            await told;
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

    /// <summary>Tells when calls are accepted. A start that fails is reported by itself.</summary>
    private static async Task TellAsync(WebApplication app, StartWatch watch)
    {
        Task start = app.Services.GetRequiredService<StartupOutcome>().Completion;
        await start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (start.IsCompletedSuccessfully)
        {
            await watch.Ready(app.Services.GetRequiredService<ServerDescription>().Start);
        }
    }

    private static async Task<int> AskAsync(string[] args)
    {
        try
        {
            await using WebApplication app = Build(args);
            return await HealthProbe.RunAsync(
                app.Services.GetRequiredService<IOptions<TransportOptions>>().Value,
                app.Services.GetRequiredService<IOptions<TlsOptions>>().Value);
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
            grpc.Listen(kestrel, Over(grpc, HttpProtocols.Http2));
        }

        if (ListenAddress.TryParse(transport.Http, out ListenAddress? http))
        {
            http.Listen(kestrel, Over(http, HttpProtocols.Http1));
        }

        string openAi = kestrel.ApplicationServices.GetRequiredService<IOptions<OpenAiOptions>>().Value.Address;
        if (ListenAddress.TryParse(openAi, out ListenAddress? api))
        {
            api.Listen(kestrel, Over(api, HttpProtocols.Http1) + OpenAiPort.Mark);
        }

        Action<ListenOptions> Over(ListenAddress address, HttpProtocols protocols) => listen =>
        {
            listen.Protocols = protocols;
            if (address.IsTls)
            {
                kestrel.ApplicationServices.GetRequiredService<TlsCertificates>().Secure(listen);
            }
        };
    }
}
