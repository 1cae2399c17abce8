namespace SeaGrpc.Server.Options;

/// <summary>What a request gets if the backend with an OpenAI-compatible API does not answer.</summary>
public enum UpstreamFailure
{
    /// <summary>An error.</summary>
    Error,

    /// <summary>An answer of the policy, aligned by the request's method.</summary>
    Local,
}
