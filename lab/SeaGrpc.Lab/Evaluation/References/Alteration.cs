namespace SeaGrpc.Lab.Evaluation.References;

/// <summary>A reference answer made wrong.</summary>
/// <param name="Kind">How.</param>
/// <param name="Answer">The wrong answer.</param>
internal sealed record Alteration(string Kind, string Answer);
