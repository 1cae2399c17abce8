using System.CommandLine;
using System.Net;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Replay;

/// <summary><c>replay</c>: a server without models that answers every alignment with a recorded stream.</summary>
internal static class ReplayCommand
{
    private const int DefaultPort = 50051;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Output of 'align --json' or buf curl." };
        var port = new Option<int>("--port")
        {
            Description = "Port on the loopback interface; 0 is any free one.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultPort,
        };
        var pause = new Option<int>("--pause")
        {
            Description = "Milliseconds to wait after each event.",
            HelpName = "MS",
            DefaultValueFactory = _ => 100,
        };
        var command = new CommandWithoutModels(
            "replay", "Answer Align and StreamAlign with a recorded stream, without any model, until Ctrl-C.")
        {
            file,
            port,
            pause,
        };
        command.SetAction(
            async (parse, cancellation) =>
            {
                var recording = Recording.Read(parse.GetRequiredValue(file));
                var service = new ReplayService(recording, TimeSpan.FromMilliseconds(Math.Max(0, parse.GetValue(pause))));
                await using WebApplication app = Host(service, new ReplayInfoService(recording), parse.GetValue(port));
                await app.StartAsync(cancellation);
                await Console.Out.WriteLineAsync($"Replaying on {app.Urls.Single()}.");
                await app.WaitForShutdownAsync(cancellation);
                return ExitCodes.Success;
            }
        );
        return command;
    }

    private static WebApplication Host(ReplayService service, ReplayInfoService info, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2)
        );
        builder.Services.AddGrpc();
        builder.Services.AddGrpcReflection();
        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton(info);
        builder.Services.AddSingleton(Healthy());
        WebApplication app = builder.Build();
        app.MapGrpcService<ReplayService>();
        app.MapGrpcService<ReplayInfoService>();
        app.MapGrpcService<HealthServiceImpl>();
        app.MapGrpcReflectionService();
        return app;
    }

    private static HealthServiceImpl Healthy()
    {
        var health = new HealthServiceImpl();
        foreach (var service in (string[])["", AlignmentService.Descriptor.FullName, InfoService.Descriptor.FullName])
        {
            health.SetStatus(service, HealthCheckResponse.Types.ServingStatus.Serving);
        }

        return health;
    }
}
