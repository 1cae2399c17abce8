namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The complete configuration of a decoder. Properties that every family must set are required. The others have Llama's values by default.
/// </summary>
/// <remarks>Created by <c>CheckpointConfig.Load</c> from config.json. No later code reads the JSON.</remarks>
public sealed record TransformerConfig
{
    /// <summary>Rows of the embedding matrix. May exceed the tokenizer's vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the gated feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key/value heads (grouped-query attention). Divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head. May differ from hidden size / heads.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Maximum sequence length of the checkpoint in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Base of the rotary frequencies (rope_theta).</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Epsilon under the root of every RMSNorm.</summary>
    public required double RmsNormEpsilon { get; init; }

    /// <summary>Whether the output projection is the embedding matrix (tie_word_embeddings).</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// Number of dimensions of a head that are rotated, from the first one; 0 for all. The others carry no position (Phi-4 mini).
    /// </summary>
    public int RotarySize { get; init; }

    /// <summary>Scaling of the rotary frequencies, or null.</summary>
    public RotaryScaling? RotaryScaling { get; init; }

    /// <summary>
    /// Number of positions that each layer's tokens see, including themselves: one entry per layer, or empty if every layer sees all.
    /// </summary>
    public IReadOnlyList<int?> Windows { get; init; } = [];

    /// <summary>Whether the projections to queries, keys and values have biases (Qwen2).</summary>
    public bool AttentionInputBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the feed-forward projections have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether an RMSNorm is applied to each head's queries and keys before rotation (Qwen3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether q, k and v are stored as one matrix, and gate and up as another (Phi-3).</summary>
    public bool FusedProjections { get; init; }

    /// <summary>The activation of the gate.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether RMSNorms multiply by 1 + weight, in fp32 (Gemma), instead of the weight.</summary>
    public bool NormUnitOffset { get; init; }

    /// <summary>
    /// Whether an additional RMSNorm is applied to the outputs of attention and feed-forward layers before they are added (Gemma 2).
    /// </summary>
    public bool OutputNorms { get; init; }

    /// <summary>Whether embeddings are multiplied by sqrt(hidden) before the first layer (Gemma).</summary>
    public bool ScaleEmbeddings { get; init; }

    /// <summary>Attention scores are divided by the square root of this (query_pre_attn_scalar); 0 for <see cref="HeadSize"/>.</summary>
    public double QueryScalar { get; init; }

    /// <summary>Soft cap of attention scores: s becomes cap tanh(s / cap). Null for none.</summary>
    public double? AttentionSoftCap { get; init; }

    /// <summary>Soft cap of logits: z becomes cap tanh(z / cap). Null for none.</summary>
    public double? LogitSoftCap { get; init; }

    /// <summary>Number of positions that a layer's tokens see, including themselves; null for all.</summary>
    /// <param name="layer">Index of the layer.</param>
    public int? WindowOf(int layer) => Windows.Count == 0 ? null : Windows[layer];

    /// <summary>Number of lowest layers that compute the same as another decoder's if their weights are the same.</summary>
    /// <param name="other">The other decoder's configuration.</param>
    public int LayersLike(TransformerConfig other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Common(this) != Common(other) || !IsScaledLike(other))
        {
            return 0;
        }

        int layers = Math.Min(LayerCount, other.LayerCount);
        return Enumerable.Range(0, layers).TakeWhile(layer => WindowOf(layer) == other.WindowOf(layer)).Count();
    }

    // Without what differs between models whose lowest layers are the same.
    private static TransformerConfig Common(TransformerConfig config) => config with
    {
        LayerCount = 0,
        MaxPositions = 0,
        TieWordEmbeddings = false,
        LogitSoftCap = null,
        Windows = [],
        RotaryScaling = null,
    };

    private bool IsScaledLike(TransformerConfig other) => (RotaryScaling, other.RotaryScaling) is
        (LongRotaryScaling own, LongRotaryScaling theirs)
            ? own.LongAmplitude == theirs.LongAmplitude && own.Divisors.SequenceEqual(theirs.Divisors)
            : RotaryScaling == other.RotaryScaling;
}
