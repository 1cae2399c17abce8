namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The model in tokenizer.json, validated and resolved.</summary>
/// <param name="Vocabulary">Tokens and ids, without added tokens.</param>
/// <param name="Merges">Ids of pairs and of their results, in order of priority.</param>
/// <param name="IgnoresMerges">Whether a piece that is itself a token is not merged but taken as a whole.</param>
/// <param name="ByteIds">Ids of the 256 byte tokens, which spell characters that have no token, with -1 for missing ones; or null.</param>
/// <param name="UnknownId">The id for characters that cannot be spelt, or null.</param>
/// <param name="FusesUnknown">Whether consecutive unknown characters become one token.</param>
internal sealed record BytePairModel(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(int Left, int Right, int Id)> Merges,
    bool IgnoresMerges,
    IReadOnlyList<int>? ByteIds,
    int? UnknownId,
    bool FusesUnknown);
