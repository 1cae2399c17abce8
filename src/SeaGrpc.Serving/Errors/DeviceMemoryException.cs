namespace SeaGrpc.Serving.Errors;

/// <summary>The device (or the host, on CPU) had no memory left for this job; other jobs continue.</summary>
public sealed class DeviceMemoryException : Exception
{
    /// <summary>With the failure that the tensor library reported.</summary>
    public DeviceMemoryException(Exception cause)
        : base("The device ran out of memory for this request; ask for fewer chains, a shorter prompt or a shorter response.", cause)
    {
    }
}
