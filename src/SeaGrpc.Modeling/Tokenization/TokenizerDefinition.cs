using SeaGrpc.Modeling.Tokenization.Decoding;
using SeaGrpc.Modeling.Tokenization.PreTokenization;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The content of tokenizer.json, validated and resolved.</summary>
/// <param name="Model">The vocabulary and its merges.</param>
/// <param name="AddedTokens">Tokens that are matched in the text before splitting.</param>
/// <param name="Normalize">Normalises a text, or null.</param>
/// <param name="PreTokenizer">Splits text before merging.</param>
/// <param name="Decoder">The steps from tokens to text, each created from the one after it.</param>
/// <param name="Template">What the post-processor adds around a sequence.</param>
/// <param name="LeftOut">Added tokens for which the model has no embedding. They are read as plain text.</param>
internal sealed record TokenizerDefinition(
    BytePairModel Model,
    IReadOnlyList<AddedToken> AddedTokens,
    Func<string, string>? Normalize,
    PreTokenizer PreTokenizer,
    IReadOnlyList<Func<IDecoderStep, IDecoderStep>> Decoder,
    SequenceTemplate Template,
    IReadOnlyList<string> LeftOut);
