namespace SeaGrpc.Serving.Errors;

/// <summary>The request id belongs to a different request, in flight or finished.</summary>
public sealed class RequestIdReusedException : Exception
{
    /// <summary>Creates the exception from the request's id.</summary>
    public RequestIdReusedException(string requestId)
        : base($"The request id '{requestId}' was used for a different request; every request needs an id of its own.") =>
        RequestId = requestId;

    /// <summary>The request's id.</summary>
    public string RequestId { get; }
}
