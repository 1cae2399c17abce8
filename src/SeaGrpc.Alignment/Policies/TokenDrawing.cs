namespace SeaGrpc.Alignment.Policies;

/// <summary>How a policy draws the tokens that continue rows.</summary>
/// <param name="MaxTokens">Maximum number of tokens, the end included; at least 1.</param>
/// <param name="Temperature">Temperature of the draws; 0 takes the likeliest tokens.</param>
/// <param name="TopK">Number of likeliest tokens to draw from; 0 for all.</param>
/// <param name="Alternatives">Number of the likeliest tokens told at each position.</param>
/// <param name="Ends">Ids after which a row ends.</param>
/// <param name="Forbidden">Ids that are not drawn. Their probability still counts in what is told.</param>
public sealed record TokenDrawing(
    int MaxTokens, double Temperature, int TopK, int Alternatives, IReadOnlySet<int> Ends, IReadOnlyList<int> Forbidden)
{
    /// <summary>
    /// Texts after which a row need not be continued: it may end with the token that completes one in what was drawn. A policy may also go
    /// on.
    /// </summary>
    public IReadOnlyList<string> Stops { get; init; } = [];
}
