namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A token that is defined in a file other than tokenizer.json.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Content">Its text; never empty.</param>
/// <param name="IsSpecial">Whether the file makes it a control token. If one file does, no other can undo it.</param>
/// <param name="Id">The id in the file, or null.</param>
/// <param name="Flags">How it is matched in text if tokenizer.json does not say so.</param>
/// <param name="FlagsCount">Whether the flags also apply to a token of tokenizer.json.</param>
/// <param name="IsDefault">
/// Whether it comes from the tokenizer's class rather than a file. It then counts only if it is in the vocabulary.
/// </param>
internal sealed record NamedToken(
    string Path, string Content, bool IsSpecial, int? Id = null, TokenFlags Flags = default, bool FlagsCount = false,
    bool IsDefault = false);

/// <summary>How an added token is matched in text.</summary>
/// <param name="StripsLeft">Whether it also consumes white space before it.</param>
/// <param name="StripsRight">Whether it also consumes white space after it.</param>
/// <param name="IsSingleWord">Whether it matches only if no letter or digit is next to it.</param>
/// <param name="IsNormalized">Whether it is matched in the normalised text.</param>
internal readonly record struct TokenFlags(bool StripsLeft, bool StripsRight, bool IsSingleWord, bool IsNormalized);
