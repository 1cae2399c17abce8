using SeaGrpc.Modeling.Tokenization.Decoding;
using SeaGrpc.Modeling.Tokenization.PreTokenization;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>tokenizer.json, checked and resolved.</summary>
/// <param name="Model">The vocabulary and its merges.</param>
/// <param name="AddedTokens">Tokens that are found in the text as they stand.</param>
/// <param name="Normalize">What is done to a text first, or null.</param>
/// <param name="PreTokenizer">How text is cut before merging.</param>
/// <param name="Decoder">The steps from tokens to text, each made from the one after it.</param>
/// <param name="Template">What the post-processor puts around a sequence.</param>
/// <param name="LeftOut">Added tokens for which the model has no embedding: in a text they are plain text.</param>
internal sealed record TokenizerDefinition(
    BytePairModel Model,
    IReadOnlyList<AddedToken> AddedTokens,
    Func<string, string>? Normalize,
    PreTokenizer PreTokenizer,
    IReadOnlyList<Func<IDecoderStep, IDecoderStep>> Decoder,
    SequenceTemplate Template,
    IReadOnlyList<string> LeftOut);
