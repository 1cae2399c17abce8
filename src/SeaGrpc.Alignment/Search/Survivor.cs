namespace SeaGrpc.Alignment.Search;

/// <summary>What survives a step: a beam, or a response that has ended and keeps its place.</summary>
/// <param name="Response">The response so far; its reward and energy are those that its prefix is scored by.</param>
/// <param name="IsWhole">Whether it ended by EOS or by the token limit.</param>
/// <param name="Candidate">Its number among its step's candidates, from 0.</param>
/// <param name="Rank">What it is ranked by; higher is better.</param>
/// <param name="Row">Where it stands among the beams, which are in the survivors' order; does not count where it is whole.</param>
internal sealed record Survivor(ScoredResponse Response, bool IsWhole, int Candidate, double Rank, int Row);
