namespace SeaGrpc.Serving.Errors;

/// <summary>A job was cancelled before it had a response, or its caller has gone.</summary>
public sealed class AlignmentCancelledException : OperationCanceledException
{
    /// <summary>With the usual message.</summary>
    public AlignmentCancelledException()
        : base("The alignment was cancelled before it had a response.")
    {
    }
}
