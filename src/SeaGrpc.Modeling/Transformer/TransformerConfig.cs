namespace SeaGrpc.Modeling.Transformer;

/// <summary>The complete, resolved shape of a Llama-form decoder. Every optional key of config.json has its value here.</summary>
/// <remarks>Made by <c>CheckpointConfig.Load</c> from config.json; nothing later looks at the JSON again.</remarks>
public sealed record TransformerConfig
{
    /// <summary>Rows of the embedding matrix; may exceed the tokenizer's size.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the SwiGLU feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key/value heads; divides <see cref="HeadCount"/> (grouped-query attention).</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head; may differ from hidden/heads.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Longest sequence in tokens that the checkpoint was made for.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Base of the rotary frequencies (rope_theta).</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Epsilon under the root of every RMSNorm.</summary>
    public required double RmsNormEpsilon { get; init; }

    /// <summary>Whether the output projection is the embedding matrix (tie_word_embeddings).</summary>
    public required bool TieWordEmbeddings { get; init; }
}
