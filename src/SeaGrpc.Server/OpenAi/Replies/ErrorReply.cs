using System.Globalization;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>Turns failures into errors of the API, and sends them.</summary>
internal static class ErrorReply
{
    /// <summary>The error of any failure. An unexpected one is logged.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="paramOf">The API's name of a field of the contract.</param>
    /// <param name="context">The request.</param>
    /// <param name="logger">Receives what is unexpected.</param>
    public static OpenAiError Of(Exception failure, Func<string, string?> paramOf, HttpContext context, ILogger logger)
    {
        if (failure is OpenAiException known)
        {
            return known.Error;
        }

        if (ErrorMapping.TryMap(failure) is { } mapped)
        {
            return StatusMapping.Of(mapped, paramOf);
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return StatusMapping.Of(ErrorMapping.CallerGone(), paramOf);
        }

        logger.CallFailed(failure, context.Request.Path);
        return StatusMapping.Of(ErrorMapping.Unexpected(), paramOf);
    }

    /// <summary>Sends an error as the whole reply.</summary>
    public static async Task SendAsync(HttpContext context, OpenAiError error)
    {
        HttpResponse response = context.Response;
        response.StatusCode = error.Status;
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (error.RetryAfter is { } after)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            response.Headers["retry-after-ms"] = Math.Ceiling(after.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        if (error.IsFinal)
        {
            response.Headers["x-should-retry"] = "false";
        }

        await JsonReply.SendAsync(context, ErrorBody.Of(error), ReplyJson.Types.ErrorBody);
    }
}
