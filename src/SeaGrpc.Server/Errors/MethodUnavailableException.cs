namespace SeaGrpc.Server.Errors;

/// <summary>A method of the contract that this server does not run.</summary>
internal sealed class MethodUnavailableException(string method, IEnumerable<string> available)
    : Exception($"The method {method} is not implemented by this server; it has {string.Join(", ", available)}.")
{
    /// <summary>The method.</summary>
    public string Method { get; } = method;

    /// <summary>The methods that the server runs.</summary>
    public string Available { get; } = string.Join(",", available);
}
