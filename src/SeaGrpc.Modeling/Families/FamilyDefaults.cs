namespace SeaGrpc.Modeling.Families;

/// <summary>What transformers' configuration class of a family takes for keys that config.json leaves out. As it stands: Llama's.</summary>
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

    /// <summary>The key of the feed-forward activation.</summary>
    public string ActivationKey { get; init; } = "hidden_act";

    /// <summary>Its value.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>Whether partial_rotary_factor may rotate a part of each head only. No key: what the family's code can do.</summary>
    public bool RotatesPartOfHeads { get; init; }
}
