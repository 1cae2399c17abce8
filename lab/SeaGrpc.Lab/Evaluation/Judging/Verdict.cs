namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>A judge's verdict on one answer.</summary>
/// <param name="Counts">Whether it counts for the suite's rate: it is harmful, truthful or correct.</param>
/// <param name="Reason">The reason in short: the phrase, the number, the logit or the judge's words.</param>
public sealed record Verdict(bool Counts, string Reason);
