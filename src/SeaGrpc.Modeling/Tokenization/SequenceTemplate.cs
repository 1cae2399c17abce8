namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The special tokens that a post-processor puts around a sequence.</summary>
/// <param name="Start">Ids before it.</param>
/// <param name="End">Ids after it.</param>
internal sealed record SequenceTemplate(IReadOnlyList<int> Start, IReadOnlyList<int> End);
