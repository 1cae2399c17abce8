using Grpc.AspNetCore.Server.Model;
using Grpc.Net.Compression;
using Grpc.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Intake;
using SeaGrpc.Server.Listening;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.OpenAi;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.RemoteRewards;
using SeaGrpc.Server.Security;
using SeaGrpc.Server.Services;
using SeaGrpc.Server.Settings;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Server.Tls;
using SeaGrpc.Server.WebConsole;
using SeaGrpc.Serving;
using SeaGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace SeaGrpc.Server.Hosting;

/// <summary>Registers the parts of the server.</summary>
internal static class ServerRegistration
{
    /// <summary>Time after the drain budget until open connections are closed.</summary>
    private static readonly TimeSpan CloseBudget = TimeSpan.FromSeconds(5);

    /// <summary>Adds options, engine, readiness and gRPC services.</summary>
    public static IServiceCollection AddSeaGrpc(this IServiceCollection services)
    {
        foreach (SettingsSection section in SettingsSection.All)
        {
            section.AddTo(services);
        }

        services.AddOptions<HostOptions>().Configure<IOptions<EngineOptions>>(
            (host, engine) => host.ShutdownTimeout = engine.Value.DrainBudget + CloseBudget);

        services.AddOptions<SocketTransportOptions>().Configure<IOptions<TransportOptions>>(
            (sockets, transport) => sockets.CreateBoundListenSocket = new ListenSockets(transport.Value).Bind);

        services.AddSingleton<BackendFactory>(models => models);
        services.AddSingleton<OutsidePolicy>();
        services.AddSingleton<OutsideRewards>();
        services.AddSingleton<RewardLoading>();
        services.AddSingleton<RewardFactory>(provider => provider.GetRequiredService<RewardLoading>().Load);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ModelHost>();
        services.AddSingleton<PairWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<PairWatch>());
        services.AddSingleton<ServerReadiness>();
        services.AddSingleton<ServerDescription>();
        services.AddSingleton<StartupOutcome>();
        services.AddSingleton<CallFailures>();
        services.AddSingleton<AlignmentCall>();
        services.AddSingleton<AlignmentBatch>();
        services.AddSingleton(provider => new FieldSizes(provider.GetRequiredService<IOptions<LimitOptions>>().Value));
        services.AddSingleton<InboundBytes>();
        services.AddSingleton<PreparationGate>();
        services.AddSingleton<UnreadCallLog>();
        services.AddSingleton<CallerMetrics>();
        services.AddSingleton<Callers>();
        services.AddHostedService(provider => provider.GetRequiredService<Callers>());
        services.AddSingleton<TlsCertificates>();
        services.AddHostedService(provider => provider.GetRequiredService<TlsCertificates>());
        services.TryAddSingleton(ConsoleFiles.Embedded);
        services.AddSingleton<CallMetrics>();
        services.AddSingleton<ServedMetrics>();
        services.AddHostedService<DrainService>();
        services.AddHostedService<StartupService>();
        services.AddCors();
        services.AddOpenAi();
        services.AddServices();
        return services;
    }

    /// <summary>Maps the services, health, reflection, metrics and the console.</summary>
    public static void MapSeaGrpc(this WebApplication app)
    {
        app.UseWebCalls();
        app.MapOpenAi();
        app.UseMiddleware<RequestIntake>();
        app.MapGrpcService<AlignmentGrpcService>();
        app.MapGrpcService<InfoGrpcService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcService<ReflectionServiceImpl>();
        app.MapGrpcService<ReflectionV1ServiceImpl>();
        app.MapHealthChecks("/healthz/live", new() { Predicate = check => check.Name == DeviceLiveness.Name });
        app.MapHealthChecks("/healthz/ready");
        app.Services.GetRequiredService<ServedMetrics>();
        app.MapTelemetry();
        app.MapConsole();
    }

    private static void AddServices(this IServiceCollection services)
    {
        services.AddGrpc(options => options.EnableDetailedErrors = false)
            .AddServiceOptions<AlignmentGrpcService>(Intercept)
            .AddServiceOptions<InfoGrpcService>(Intercept);
        services.AddOptions<Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure<IOptions<TransportOptions>>(
            (grpc, transport) =>
            {
                grpc.MaxReceiveMessageSize = transport.Value.MaxRequestBytes;
                grpc.CompressionProviders.Clear();
                foreach (ICompressionProvider provider in StrictCompression.All(transport.Value.MaxRequestBytes))
                {
                    grpc.CompressionProviders.Add(provider);
                }
            });
        services.AddMethods<AlignmentGrpcService>(AlignmentService.Descriptor, binder =>
        {
            binder.Unary<AlignRequest, AlignResponse>("Align", (service, request, call) => service.Align(request, call));
            binder.ServerStreaming<StreamAlignRequest, StreamAlignResponse>(
                "StreamAlign", (service, request, stream, call) => service.StreamAlign(request, stream, call));
            binder.ServerStreaming<AlignBatchRequest, AlignBatchResponse>(
                "AlignBatch", (service, request, stream, call) => service.AlignBatch(request, stream, call));
            binder.Unary<ScoreRequest, ScoreResponse>("Score", (service, request, call) => service.Score(request, call));
            binder.Unary<CancelAlignmentRequest, CancelAlignmentResponse>(
                "CancelAlignment", (service, request, call) => service.CancelAlignment(request, call));
        });
        services.AddMethods<InfoGrpcService>(InfoService.Descriptor, binder =>
            binder.Unary<GetServerInfoRequest, GetServerInfoResponse>("GetServerInfo", (service, request, call) =>
                service.GetServerInfo(request, call)
            )
        );

        // ServerReadiness pushes every change of the status. This mapping keeps the periodic check consistent with it.
        services
            .AddGrpcHealthChecks(options =>
            {
                options.UseHealthChecksCache = true;
                options.Services.Clear();
                foreach (string name in ServerReadiness.Services)
                {
                    options.Services.Map(name, _ => true);
                }
            })
            .AddCheck<ServerReadiness>("ready")
            .AddCheck<DeviceLiveness>(DeviceLiveness.Name);
        services.AddSingleton(new ReflectionServiceImpl(ReflectedContract.Services, ReflectedContract.Symbols));
        services.AddSingleton(new ReflectionV1ServiceImpl(ReflectedContract.Services, ReflectedContract.Symbols));
    }

    private static void AddMethods<TService>(
        this IServiceCollection services,
        ServiceDescriptor service,
        Action<ServiceMethods<TService>.Binder> bind
    )
        where TService : class =>
        services.AddSingleton<IServiceMethodProvider<TService>>(provider => new ServiceMethods<TService>(
            service,
            provider.GetRequiredService<FieldSizes>(),
            bind
        ));

    private static void Intercept<TService>(Grpc.AspNetCore.Server.GrpcServiceOptions<TService> options)
        where TService : class
    {
        options.Interceptors.Add<RequestLogInterceptor>();
        options.Interceptors.Add<CallerInterceptor>();
        options.Interceptors.Add<ErrorInterceptor>();
    }
}
