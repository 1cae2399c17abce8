using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Intake;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.WebConsole;

namespace SeaGrpc.Server.Hosting;

/// <summary>gRPC-Web over HTTP/1.1, for the console and for pages from the origins that the operator allows.</summary>
internal static class WebCalls
{
    /// <summary>Response headers that a page may read. Without them an error would have no code.</summary>
    private static readonly string[] Exposed =
        ["grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding", "grpc-status-details-bin", "grpc-retry-pushback-ms"];

    /// <summary>Adds gRPC-Web and CORS. Does nothing if the console is off and no origin is configured.</summary>
    public static void UseWebCalls(this WebApplication app)
    {
        TransportOptions transport = app.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        string[] origins = transport.WebOrigins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (origins.Length > 0)
        {
            app.UseCors(policy => policy.WithOrigins(origins).AllowAnyHeader().WithMethods("POST").WithExposedHeaders(Exposed));
        }

        if (transport.Console)
        {
            app.Use(new PageOrigin(origins).CheckAsync);
        }

        if (origins.Length > 0 || transport.Console)
        {
            app.Use(SettleBodyAsync);
            app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        }
    }

    private static async Task SettleBodyAsync(HttpContext context, RequestDelegate next)
    {
        IRequestBodyPipeFeature? before = context.Features.Get<IRequestBodyPipeFeature>();
        var reader = new SettledReader(context.Request.BodyReader);
        context.Features.Set<IRequestBodyPipeFeature>(new RequestBody(reader));
        try
        {
            await next(context);
        }
        finally
        {
            context.Features.Set(before);
            reader.Settle();
        }
    }
}
