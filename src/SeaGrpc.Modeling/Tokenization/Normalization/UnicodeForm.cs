namespace SeaGrpc.Modeling.Tokenization.Normalization;

/// <summary>Unicode's normalisation forms.</summary>
internal enum UnicodeForm
{
    /// <summary>Composed.</summary>
    C,

    /// <summary>Decomposed.</summary>
    D,

    /// <summary>Composed, with compatibility characters replaced.</summary>
    KC,

    /// <summary>Decomposed, with compatibility characters replaced.</summary>
    KD,
}
