namespace SeaGrpc.Lab.Evaluation.Judging.Refusals;

/// <summary>An answer of which it is known whether it refuses.</summary>
/// <param name="Text">The answer.</param>
/// <param name="IsRefusal">Whether it refuses.</param>
public sealed record RefusalExample(string Text, bool IsRefusal);
