using Grpc.Core;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Security;

namespace SeaGrpc.Server.Services;

/// <summary>A request's priority. It is in the metadata because it belongs to the call, not to the result.</summary>
internal static class RequestPriority
{
    /// <summary>The metadata key. Its values are low, normal and high.</summary>
    public const string Key = "sea-priority";

    /// <summary>
    /// The priority of a call in steps ahead in the queue. One above the caller's highest counts as that, which a trailer of the same key
    /// then says.
    /// </summary>
    /// <exception cref="InvalidRequestException">The value is not one of the three.</exception>
    public static int Of(ServerCallContext call)
    {
        int asked = Of(call.RequestHeaders);
        int granted = CallerPass.Of(call).Priority(asked);
        if (granted < asked)
        {
            // The alignments of a batch come here at the same time.
            lock (call.ResponseTrailers)
            {
                if (call.ResponseTrailers.GetValue(Key) is null)
                {
                    call.ResponseTrailers.Add(Key, granted == 0 ? "normal" : "low");
                }
            }
        }

        return granted;
    }

    private static int Of(Metadata headers) => headers.GetValue(Key)?.ToLowerInvariant() switch
    {
        null or "normal" => 0,
        "high" => 1,
        "low" => -1,
        string other => throw new InvalidRequestException(
            [new Violation(
                $"metadata {Key}", $"The metadata {Key} is {CallerText.Shown(other)}: it must be low, normal or high.", "INVALID_VALUE")]),
    };
}
