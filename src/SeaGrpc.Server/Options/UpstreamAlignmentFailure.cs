namespace SeaGrpc.Server.Options;

/// <summary>What a request gets if the backend's drafts cannot be scored or improved.</summary>
public enum UpstreamAlignmentFailure
{
    /// <summary>An error.</summary>
    Error,

    /// <summary>The backend's first draft, as it is.</summary>
    Draft,
}
