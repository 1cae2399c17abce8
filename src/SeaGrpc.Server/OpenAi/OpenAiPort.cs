using Microsoft.AspNetCore.Server.Kestrel.Core;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.Server.OpenAi.Replies;

namespace SeaGrpc.Server.OpenAi;

/// <summary>The API and the other services have ports of their own: each answers on its own alone.</summary>
internal static class OpenAiPort
{
    /// <summary>Marks the connections of a listener.</summary>
    public static void Mark(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(new Connection());
        return next(connection);
    });

    /// <summary>Keeps the two apart. Comes after routing.</summary>
    public static async Task SeparateAsync(HttpContext context, RequestDelegate next)
    {
        bool isHere = context.Features.Get<Connection>() is not null;
        Endpoint? endpoint = context.GetEndpoint();
        bool isOurs = endpoint?.Metadata.GetMetadata<Route>() is not null;
        if (isHere == isOurs)
        {
            await next(context);
        }
        else if (isHere)
        {
            await ErrorReply.SendAsync(context, Unknown(context.Request, endpoint));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static OpenAiError Unknown(HttpRequest request, Endpoint? endpoint)
    {
        // Routing has found the path, but not for this method.
        bool isMethod = endpoint?.DisplayName?.StartsWith("405", StringComparison.Ordinal) ?? false;
        return new OpenAiError(
            isMethod ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound,
            $"There is nothing at {request.Method} {CallerText.Shown(request.Path)}. There are POST /v1/chat/completions, "
                + "POST /v1/completions, GET /v1/models and GET /v1/models/MODEL.",
            OpenAiError.InvalidRequest, null, isMethod ? "method_not_allowed" : "unknown_url");
    }

    /// <summary>A connection of the API's listener.</summary>
    private sealed class Connection;

    /// <summary>A route of the API.</summary>
    internal sealed class Route;
}
