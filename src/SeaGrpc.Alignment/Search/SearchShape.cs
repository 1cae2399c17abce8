namespace SeaGrpc.Alignment.Search;

/// <summary>How wide a search is.</summary>
/// <param name="BeamWidth">Beams W that survive a step.</param>
/// <param name="Candidates">Next tokens K of a beam that are read exactly.</param>
/// <param name="EnumeratedTokens">Tokens D that are chosen one by one.</param>
/// <param name="ChunkTokens">Length L of a sampled chunk.</param>
/// <param name="SamplesPerBeam">Chunks K2 sampled of every beam.</param>
/// <param name="TopK">Sample among the k likeliest; 0 is all.</param>
/// <param name="PruneMargin">How far a prefix's energy may lie above the best response's, in nats.</param>
internal sealed record SearchShape(
    int BeamWidth, int Candidates, int EnumeratedTokens, int ChunkTokens, int SamplesPerBeam, int TopK, double PruneMargin);
