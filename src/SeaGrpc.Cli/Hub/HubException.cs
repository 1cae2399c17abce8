namespace SeaGrpc.Cli.Hub;

/// <summary>The Hub did not answer, or not to the end: a reason that may pass.</summary>
/// <param name="message">What happened.</param>
/// <param name="reached">Whether something answered at all.</param>
/// <param name="cause">What it comes from.</param>
internal sealed class HubException(string message, bool reached, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether something answered at all.</summary>
    public bool Reached { get; } = reached;
}
