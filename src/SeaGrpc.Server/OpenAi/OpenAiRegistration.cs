using Microsoft.Extensions.Options;
using SeaGrpc.Server.OpenAi.Calls;
using SeaGrpc.Server.OpenAi.Upstream;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.OpenAi;

/// <summary>Registers and maps the API.</summary>
internal static class OpenAiRegistration
{
    /// <summary>Adds its services.</summary>
    public static void AddOpenAi(this IServiceCollection services)
    {
        services.AddSingleton<LocalCalls>();
        services.AddSingleton<UpstreamClient>();
        services.AddSingleton<CompletionHandler>();
        services.AddSingleton<ModelHandler>();
    }

    /// <summary>Maps its routes. Does nothing if the API is not served.</summary>
    public static void MapOpenAi(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<OpenAiOptions>>().Value.IsServed)
        {
            return;
        }

        CompletionHandler completions = app.Services.GetRequiredService<CompletionHandler>();
        ModelHandler models = app.Services.GetRequiredService<ModelHandler>();
        app.Use(OpenAiPort.SeparateAsync);
        RouteGroupBuilder routes = app.MapGroup("/v1");
        routes.WithMetadata(new OpenAiPort.Route());
        routes.MapPost("/chat/completions", completions.ChatAsync);
        routes.MapPost("/completions", completions.CompleteAsync);
        routes.MapGet("/models", models.ListAsync);
        routes.MapGet("/models/{**id}", (HttpContext context, string id) => models.FindAsync(
            context, id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)));
    }
}
