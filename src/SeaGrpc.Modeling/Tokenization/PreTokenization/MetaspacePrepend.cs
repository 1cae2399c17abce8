namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Which pieces a Metaspace pre-tokenizer puts a space before.</summary>
internal enum MetaspacePrepend
{
    /// <summary>Every piece, also one after a special token.</summary>
    Always,

    /// <summary>None.</summary>
    Never,

    /// <summary>Only the piece that the whole text begins with.</summary>
    First,
}
