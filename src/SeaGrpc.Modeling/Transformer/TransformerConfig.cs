namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The complete, resolved shape of a decoder. What every family must say is required; what some families have beside the Llama
/// form is at its Llama value unless set.
/// </summary>
/// <remarks>Made by <c>CheckpointConfig.Load</c> from config.json; nothing later looks at the JSON again.</remarks>
public sealed record TransformerConfig
{
    /// <summary>Rows of the embedding matrix; may exceed the tokenizer's size.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the gated feed-forward layer.</summary>
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

    /// <summary>Dimensions of a head that are rotated, from its first; the rest carry no position (Phi-4 mini). 0 is all of them.</summary>
    public int RotarySize { get; init; }

    /// <summary>How the rotary frequencies are changed, or null.</summary>
    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>
    /// How many positions a layer's tokens see, themselves included; empty if every layer sees all, else one entry a layer.
    /// </summary>
    public IReadOnlyList<int?> Windows { get; init; } = [];

    /// <summary>Whether the projections to queries, keys and values have biases (Qwen2).</summary>
    public bool AttentionInputBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the feed-forward projections have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether each head's queries and keys pass an RMSNorm before they are rotated (Qwen3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether q, k, v are stored as one matrix, and gate and up as another (Phi-3).</summary>
    public bool FusedProjections { get; init; }

    /// <summary>The gate's activation.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether an RMSNorm multiplies by 1 + weight, in fp32 (Gemma), or by the weight.</summary>
    public bool NormUnitOffset { get; init; }

    /// <summary>Whether attention and feed-forward outputs pass an RMSNorm of their own before they are added (Gemma 2).</summary>
    public bool OutputNorms { get; init; }

    /// <summary>Whether embeddings are multiplied by sqrt(hidden) as they enter the stack (Gemma).</summary>
    public bool ScaleEmbeddings { get; init; }

    /// <summary>The attention scores' divisor is the root of this (query_pre_attn_scalar); 0 is <see cref="HeadSize"/>.</summary>
    public double QueryScalar { get; init; }

    /// <summary>Attention scores s become cap tanh(s / cap), or null.</summary>
    public double? AttentionSoftCap { get; init; }

    /// <summary>Logits z become cap tanh(z / cap), or null.</summary>
    public double? LogitSoftCap { get; init; }

    /// <summary>How many positions a layer's tokens see, themselves included, or null for all.</summary>
    /// <param name="layer">Index of the layer.</param>
    public int? WindowOf(int layer) => Windows.Count == 0 ? null : Windows[layer];
}
