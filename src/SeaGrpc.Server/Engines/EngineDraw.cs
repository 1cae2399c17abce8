using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Server.Engines;

/// <summary>What an engine's reply says of a row's continuation.</summary>
/// <param name="Tokens">The ids that were drawn, the end included.</param>
/// <param name="LogProbabilities">log pi of each; empty if the engine does not tell the unchanged policy's.</param>
/// <param name="Alternatives">The likeliest tokens at each position; empty in the same case.</param>
/// <param name="HasStopped">Whether the engine says that an end was drawn, not that the limit was reached.</param>
/// <param name="Usage">The tokens that it has counted.</param>
internal sealed record EngineDraw(
    int[] Tokens, float[] LogProbabilities, TokenProbability[][] Alternatives, bool HasStopped, PolicyTokens Usage)
{
    /// <summary>Whether the engine says that it was a stop string that ended the row.</summary>
    public bool HasMetStop { get; init; }
}
