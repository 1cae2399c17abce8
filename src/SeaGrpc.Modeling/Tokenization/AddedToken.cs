namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A token that is matched in the text before anything is split or merged.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Content">The text that it stands for.</param>
/// <param name="IsSpecial">Whether it is a control token.</param>
/// <param name="StripsLeft">Whether it also consumes white space before it.</param>
/// <param name="StripsRight">Whether it also consumes white space after it.</param>
/// <param name="IsSingleWord">Whether it matches only if no letter or digit is next to it.</param>
/// <param name="IsNormalized">Whether it is matched in the normalised text.</param>
internal sealed record AddedToken(
    int Id,
    string Content,
    bool IsSpecial,
    bool StripsLeft = false,
    bool StripsRight = false,
    bool IsSingleWord = false,
    bool IsNormalized = false);
