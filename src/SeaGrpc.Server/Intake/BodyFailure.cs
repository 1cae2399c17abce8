using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>A request body that could not be read to its end.</summary>
internal static class BodyFailure
{
    /// <summary>The status of the failure. None of them is an error of the server.</summary>
    /// <param name="failure">The exception that reading the body threw.</param>
    /// <param name="maxMessageBytes">Maximum message size in bytes.</param>
    /// <param name="aborted">Whether the caller has disconnected.</param>
    public static RpcException Translate(Exception failure, int maxMessageBytes, CancellationToken aborted) => failure switch
    {
        RpcException known => known,
        _ when aborted.IsCancellationRequested => ErrorMapping.CallerGone(),
        OperationCanceledException or ConnectionResetException or ConnectionAbortedException => ErrorMapping.CallerGone(),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            ErrorMapping.MessageTooLong(maxMessageBytes, "more"),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => ErrorMapping.CallerGone(),
        BadHttpRequestException bad => ErrorMapping.Malformed($"The request's body is not valid HTTP: {bad.Message}"),
        IOException => ErrorMapping.CallerGone(),
        _ => ErrorMapping.Malformed($"The request's body is damaged; that of gRPC-Web as text must be base64: {failure.Message}"),
    };
}
