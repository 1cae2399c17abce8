namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A token that a file beside tokenizer.json names.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Content">Its text; never empty.</param>
/// <param name="IsSpecial">Whether the file makes it a control token. What one file makes control, no other makes text again.</param>
/// <param name="Id">The id that the file gives it, or null.</param>
/// <param name="Flags">How it is found in a text where tokenizer.json does not say so.</param>
/// <param name="FlagsCount">Whether the flags count for a token of tokenizer.json too.</param>
/// <param name="IsDefault">Whether no file names it, but the tokenizer's class: it counts where the vocabulary has it.</param>
internal sealed record NamedToken(
    string Path, string Content, bool IsSpecial, int? Id = null, TokenFlags Flags = default, bool FlagsCount = false,
    bool IsDefault = false);

/// <summary>How an added token is found in a text.</summary>
/// <param name="StripsLeft">Whether it swallows white space before it.</param>
/// <param name="StripsRight">Whether it swallows white space after it.</param>
/// <param name="IsSingleWord">Whether it counts only where no letter or digit touches it.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalised text.</param>
internal readonly record struct TokenFlags(bool StripsLeft, bool StripsRight, bool IsSingleWord, bool IsNormalized);
