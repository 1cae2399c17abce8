namespace SeaGrpc.Modeling.Synthetic;

/// <summary>The shape of a synthetic Llama-form checkpoint.</summary>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key/value heads.</param>
/// <param name="FeedForward">Width of the feed-forward layer.</param>
/// <param name="Vocabulary">Rows of the embedding matrix, which is the output projection too.</param>
public sealed record SyntheticShape(int Hidden, int Layers, int Heads, int KeyValueHeads, int FeedForward, int Vocabulary)
{
    /// <summary>That of Llama-3.2-1B: 1.24 billion weights.</summary>
    public static SyntheticShape Llama1B { get; } = new(Hidden: 2048, Layers: 16, Heads: 32, KeyValueHeads: 8, FeedForward: 8192, Vocabulary: 128_256);

    /// <summary>The same in small: 3 million weights.</summary>
    public static SyntheticShape Small { get; } = new(Hidden: 256, Layers: 4, Heads: 4, KeyValueHeads: 1, FeedForward: 512, Vocabulary: 2048);
}
