namespace SeaGrpc.Serving.Errors;

/// <summary>The device no longer responds. This process cannot use it again.</summary>
public sealed class DeviceLostException : Exception
{
    /// <summary>Creates the exception from the failure that the tensor library reported.</summary>
    public DeviceLostException(Exception cause)
        : base("The device was lost; the server must be restarted.", cause)
    {
    }
}
