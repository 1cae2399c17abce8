namespace SeaGrpc.Serving.Errors;

/// <summary>The device no longer answers; nothing in this process can use it again.</summary>
public sealed class DeviceLostException : Exception
{
    /// <summary>With the failure that the tensor library reported.</summary>
    public DeviceLostException(Exception cause)
        : base("The device was lost; the server must be restarted.", cause)
    {
    }
}
