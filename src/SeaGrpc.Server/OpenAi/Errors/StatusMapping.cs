using System.Globalization;
using Google.Rpc;
using Grpc.Core;

namespace SeaGrpc.Server.OpenAi.Errors;

/// <summary>Maps the statuses of the contract to errors of the API.</summary>
internal static class StatusMapping
{
    /// <summary>Status of a call that its caller ended. No caller reads it, but logs and proxies do.</summary>
    public const int ClientClosedRequest = 499;

    private const int MostListed = 8;

    /// <summary>The error of a failed call.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="paramOf">The API's name of a field of the contract.</param>
    public static OpenAiError Of(RpcException failure, Func<string, string?> paramOf)
    {
        Google.Rpc.Status? status = failure.GetRpcStatus();
        string reason = status?.GetDetail<ErrorInfo>()?.Reason ?? string.Empty;
        string? code = reason.Length == 0 ? null : reason.ToLowerInvariant();
        string message = failure.Status.Detail;
        TimeSpan? retry = status?.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan();
        switch (failure.StatusCode)
        {
            case StatusCode.InvalidArgument:
                return Invalid(status?.GetDetail<BadRequest>(), message, code, paramOf);
            case StatusCode.Unauthenticated:
                return new(StatusCodes.Status401Unauthorized, message, OpenAiError.InvalidRequest, null, "invalid_api_key");
            case StatusCode.PermissionDenied:
                return new(StatusCodes.Status403Forbidden, message, OpenAiError.InvalidRequest, null, code);
            case StatusCode.NotFound:
                bool isPolicy = message.StartsWith("spec.policy_model", StringComparison.Ordinal)
                    || message.StartsWith("spec.model", StringComparison.Ordinal);
                string field = isPolicy ? "model" : "sea.reward_model";
                return new(
                    StatusCodes.Status404NotFound,
                    $"{field}{(message.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? message[colon..] : $": {message}")}",
                    OpenAiError.InvalidRequest, field, "model_not_found");
            case StatusCode.AlreadyExists:
                return new(StatusCodes.Status409Conflict, message, OpenAiError.InvalidRequest, null, code);
            case StatusCode.ResourceExhausted when reason == "MESSAGE_TOO_LONG":
                return new(StatusCodes.Status413PayloadTooLarge, message, OpenAiError.InvalidRequest, null, code);
            case StatusCode.ResourceExhausted when retry is not null || reason != "DEVICE_MEMORY":
                return new(StatusCodes.Status429TooManyRequests, message, OpenAiError.RateLimit, null, code) { RetryAfter = retry };
            case StatusCode.ResourceExhausted:
                return new(StatusCodes.Status503ServiceUnavailable, message, OpenAiError.ServerError, null, code);
            case StatusCode.DeadlineExceeded:
                return new(StatusCodes.Status408RequestTimeout, message, OpenAiError.Timeout, "sea.time_limit_ms", code)
                {
                    IsFinal = true,
                };
            case StatusCode.Cancelled:
                return new(ClientClosedRequest, message, OpenAiError.InvalidRequest, null, code);
            case StatusCode.Unavailable:
                return new(StatusCodes.Status503ServiceUnavailable, message, OpenAiError.ServerError, null, code) { RetryAfter = retry };
            case StatusCode.FailedPrecondition:
                return new(StatusCodes.Status503ServiceUnavailable, message, OpenAiError.ServerError, "model", code) { IsFinal = true };
            case StatusCode.Unimplemented:
                return new(StatusCodes.Status501NotImplemented, message, OpenAiError.ServerError, null, code);
            default:
                return new(StatusCodes.Status500InternalServerError, message, OpenAiError.ServerError, null, code);
        }
    }

    /// <summary>The status of an error that has none of its own.</summary>
    public static RpcException ToRpc(OpenAiError error) => new(new Grpc.Core.Status(
        error.Status switch
        {
            StatusCodes.Status429TooManyRequests => StatusCode.ResourceExhausted,
            < StatusCodes.Status500InternalServerError => StatusCode.InvalidArgument,
            StatusCodes.Status504GatewayTimeout => StatusCode.DeadlineExceeded,
            _ => StatusCode.Unavailable,
        },
        error.Message));

    private static OpenAiError Invalid(BadRequest? request, string message, string? code, Func<string, string?> paramOf)
    {
        if (request is not { FieldViolations: { Count: > 0 } violations })
        {
            return new(StatusCodes.Status400BadRequest, message, OpenAiError.InvalidRequest, null, code);
        }

        string? param = paramOf(violations[0].Field);
        bool isContext = param is "messages" or "prompt" && violations[0].Reason == "TOO_LONG";
        IEnumerable<string> told = violations.Take(MostListed).Select(violation =>
            paramOf(violation.Field) is { Length: > 0 } name ? $"{name} {violation.Description}" : violation.Description);
        string more = violations.Count <= MostListed
            ? "."
            : string.Create(CultureInfo.InvariantCulture, $"; and {violations.Count - MostListed} more problems.");
        return new(
            StatusCodes.Status400BadRequest, string.Join("; ", told).TrimEnd('.') + more, OpenAiError.InvalidRequest, param,
            isContext ? "context_length_exceeded" : code);
    }
}
