namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Which pieces a Metaspace pre-tokenizer prepends a space to.</summary>
internal enum MetaspacePrepend
{
    /// <summary>Every piece, even after a special token.</summary>
    Always,

    /// <summary>None.</summary>
    Never,

    /// <summary>Only the first piece of the text.</summary>
    First,
}
