namespace SeaGrpc.Modeling.Families;

/// <summary>
/// The defaults of a family's configuration class in transformers, for keys that config.json omits. The values here are Llama's.
/// </summary>
internal sealed record FamilyDefaults
{
    /// <summary>num_key_value_heads; null is num_attention_heads.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>head_dim; null is hidden_size / num_attention_heads.</summary>
    public int? HeadSize { get; init; }

    /// <summary>max_position_embeddings.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>original_max_position_embeddings; null if the class has no such key.</summary>
    public int? OriginalPositions { get; init; }

    /// <summary>rms_norm_eps.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>tie_word_embeddings.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>The name of the key for the feed-forward activation.</summary>
    public string ActivationKey { get; init; } = "hidden_act";

    /// <summary>Default value of that key.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>
    /// Whether partial_rotary_factor may rotate only part of each head. This is not a key but a property of the family's code.
    /// </summary>
    public bool RotatesPartOfHeads { get; init; }
}
