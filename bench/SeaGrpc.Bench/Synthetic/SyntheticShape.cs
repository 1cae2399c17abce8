namespace SeaGrpc.Bench.Synthetic;

/// <summary>The shape of a synthetic Llama-form checkpoint.</summary>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key/value heads.</param>
/// <param name="FeedForward">Width of the feed-forward layer.</param>
/// <param name="Vocabulary">Rows of the embedding matrix.</param>
/// <param name="Tied">Whether it is the output projection too.</param>
public sealed record SyntheticShape(int Hidden, int Layers, int Heads, int KeyValueHeads, int FeedForward, int Vocabulary, bool Tied = true)
{
    /// <summary>That of Llama-3.2-1B: 1.24 billion weights.</summary>
    public static SyntheticShape Llama1B { get; } = new(
        Hidden: 2048, Layers: 16, Heads: 32, KeyValueHeads: 8, FeedForward: 8192, Vocabulary: 128_256);

    /// <summary>Two layers of the same with its whole vocabulary: 384 million weights.</summary>
    public static SyntheticShape Llama1BSlice { get; } = Llama1B with { Layers = 2 };

    /// <summary>A small language model with a vocabulary of 32 thousand: 162 million weights.</summary>
    public static SyntheticShape Llama160M { get; } =
        new(Hidden: 768, Layers: 12, Heads: 12, KeyValueHeads: 12, FeedForward: 3072, Vocabulary: 32_000, Tied: false);

    /// <summary>The same size in 30 layers: 157 million weights.</summary>
    public static SyntheticShape Deep160M { get; } =
        new(Hidden: 640, Layers: 30, Heads: 10, KeyValueHeads: 5, FeedForward: 1728, Vocabulary: 32_000);

    /// <summary>That of the embedded support desk's models: 1.0 million weights.</summary>
    public static SyntheticShape Embedded { get; } = new(
        Hidden: 128, Layers: 4, Heads: 4, KeyValueHeads: 4, FeedForward: 384, Vocabulary: 1167);

    /// <summary>Llama-3.2-1B's form in small: 3 million weights.</summary>
    public static SyntheticShape Small { get; } = new(
        Hidden: 256, Layers: 4, Heads: 4, KeyValueHeads: 1, FeedForward: 512, Vocabulary: 2048);
}
