using Grpc.Core;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Services;

/// <summary>A request's priority, from its metadata: it belongs to the call, not to what is computed.</summary>
internal static class RequestPriority
{
    /// <summary>The metadata key; its values are low, normal and high.</summary>
    public const string Key = "sea-priority";

    /// <summary>Steps ahead in the queue.</summary>
    /// <exception cref="InvalidRequestException">The value is none of the three.</exception>
    public static int Of(Metadata headers) => headers.GetValue(Key)?.ToLowerInvariant() switch
    {
        null or "normal" => 0,
        "high" => 1,
        "low" => -1,
        string other => throw new InvalidRequestException(
            [new Violation(
                $"metadata {Key}", $"The metadata {Key} is {CallerText.Shown(other)}: it must be low, normal or high.", "INVALID_VALUE")]),
    };
}
