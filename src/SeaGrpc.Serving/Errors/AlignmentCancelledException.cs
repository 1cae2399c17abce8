namespace SeaGrpc.Serving.Errors;

/// <summary>A job was cancelled before it had a response, or its caller has disconnected.</summary>
public sealed class AlignmentCancelledException : OperationCanceledException
{
    /// <summary>Creates the exception with the usual message.</summary>
    public AlignmentCancelledException()
        : base("The alignment was cancelled before it had a response.")
    {
    }
}
