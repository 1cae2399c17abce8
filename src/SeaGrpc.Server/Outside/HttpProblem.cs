using System.Net;

namespace SeaGrpc.Server.Outside;

/// <summary>What went wrong with a request to another server.</summary>
/// <param name="Text">The end of a sentence about the server: "did not answer within 10 s."</param>
/// <param name="Status">The status that it answered with, where that is the problem.</param>
/// <param name="IsMalformed">Whether it answered, but not as it must.</param>
/// <param name="Cause">The failure behind it, or null.</param>
internal sealed record HttpProblem(string Text, HttpStatusCode? Status = null, bool IsMalformed = false, Exception? Cause = null)
{
    /// <summary>Whether it refused the request. It would do so again.</summary>
    public bool IsRefusal => Status is { } status && !HttpAttempts.IsPassing(status);
}
