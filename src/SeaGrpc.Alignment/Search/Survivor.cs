namespace SeaGrpc.Alignment.Search;

/// <summary>A survivor of a step: a beam, or an ended response that keeps its place.</summary>
/// <param name="Response">The response so far, with the reward and energy that score its prefix.</param>
/// <param name="IsWhole">Whether it ended by EOS or by the token limit.</param>
/// <param name="Candidate">Its index among its step's candidates, from 0.</param>
/// <param name="Rank">The value that it is ranked by; higher is better.</param>
/// <param name="Row">Its row among the beams, which are in the survivors' order. Meaningless if it has ended.</param>
internal sealed record Survivor(ScoredResponse Response, bool IsWhole, int Candidate, double Rank, int Row);
