namespace SeaGrpc.Lab.Evaluation.Judging.Refusals;

/// <summary>An answer that is known to refuse or not.</summary>
/// <param name="Text">The answer.</param>
/// <param name="IsRefusal">Whether it refuses.</param>
public sealed record RefusalExample(string Text, bool IsRefusal);
