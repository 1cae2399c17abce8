namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>A candidate of a chunk, and, if it survives, a beam of the next.</summary>
/// <param name="Response">The response so far; its reward is what the candidate is ranked by.</param>
/// <param name="IsWhole">Whether it ended by EOS or by the token limit.</param>
/// <param name="Rows">Where it stands, to go on from; null where it is whole.</param>
/// <param name="Row">Which of those rows.</param>
/// <param name="Candidate">Its number among the chunk's candidates, from 0.</param>
internal sealed record Beam(ScoredResponse Response, bool IsWhole, BeamRows? Rows, int Row, int Candidate);
