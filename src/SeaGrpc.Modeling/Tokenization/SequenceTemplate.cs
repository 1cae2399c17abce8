namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The special tokens that a post-processor adds around a sequence.</summary>
/// <param name="Start">Ids before the sequence.</param>
/// <param name="End">Ids after the sequence.</param>
internal sealed record SequenceTemplate(IReadOnlyList<int> Start, IReadOnlyList<int> End);
