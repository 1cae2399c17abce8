using SeaGrpc.Server.OpenAi.Errors;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>The backend gave no drafts.</summary>
/// <param name="error">The error for the caller.</param>
/// <param name="isRefusal">Whether the backend refused this request, which is the caller's own fault.</param>
/// <param name="cause">What happened, if it is an exception.</param>
internal sealed class UpstreamException(OpenAiError error, bool isRefusal, Exception? cause = null) : Exception(error.Message, cause)
{
    /// <summary>The error for the caller.</summary>
    public OpenAiError Error { get; } = error;

    /// <summary>Whether the backend refused this request, which is the caller's own fault.</summary>
    public bool IsRefusal { get; } = isRefusal;
}
