namespace SeaGrpc.Modeling.Tokenization;

/// <summary>tokenizer.json, checked and resolved.</summary>
/// <param name="Vocabulary">The model's tokens and ids, without added ones.</param>
/// <param name="Merges">Pairs with a space between, the first to be merged first.</param>
/// <param name="IgnoreMerges">Whether a pre-token that is itself a token is taken as it is.</param>
/// <param name="AddedTokens">Tokens that are found in the text as they stand.</param>
/// <param name="ComposesText">Whether the text is brought to normalisation form C first.</param>
/// <param name="PreTokenizer">How text is cut before merging.</param>
/// <param name="TemplateStart">The special token that the post-processor puts first, or null.</param>
internal sealed record TokenizerDefinition(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<string> Merges,
    bool IgnoreMerges,
    IReadOnlyList<AddedToken> AddedTokens,
    bool ComposesText,
    PreTokenizer PreTokenizer,
    string? TemplateStart);
