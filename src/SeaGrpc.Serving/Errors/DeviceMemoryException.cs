namespace SeaGrpc.Serving.Errors;

/// <summary>The device (on CPU, the host) has no memory left for this job. Other jobs continue.</summary>
public sealed class DeviceMemoryException : Exception
{
    /// <summary>Creates the exception from the failure that the tensor library reported.</summary>
    public DeviceMemoryException(Exception cause)
        : base("The device ran out of memory for this request; ask for fewer chains, a shorter prompt or a shorter response.", cause)
    {
    }
}
