namespace SeaGrpc.Modeling.Tokenization;

/// <summary>tokenizer.json's model, checked and resolved.</summary>
/// <param name="Vocabulary">The model's tokens and ids, without added ones.</param>
/// <param name="Merges">Ids of pairs and of what they become, the first to be merged first.</param>
/// <param name="IgnoresMerges">Whether a piece that is itself a token is taken whole.</param>
/// <param name="ByteIds">Ids of the 256 tokens for bytes, which spell characters that have no token; -1 where one is missing; or
/// null.</param>
/// <param name="UnknownId">The id for a character that cannot be spelt, or null.</param>
/// <param name="FusesUnknown">Whether such characters side by side are one token.</param>
internal sealed record BytePairModel(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(int Left, int Right, int Id)> Merges,
    bool IgnoresMerges,
    IReadOnlyList<int>? ByteIds,
    int? UnknownId,
    bool FusesUnknown);
