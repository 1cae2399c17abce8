namespace SeaGrpc.Serving.Errors;

/// <summary>A request with the same id is waiting or running.</summary>
public sealed class DuplicateRequestException : Exception
{
    /// <summary>Creates the exception from the request's id.</summary>
    public DuplicateRequestException(string requestId)
        : base($"A request with the id '{requestId}' is in flight.") => RequestId = requestId;

    /// <summary>The request's id.</summary>
    public string RequestId { get; }
}
