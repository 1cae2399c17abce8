using Microsoft.ML.Tokenizers;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The ids of one pre-token, which is written in the byte-level alphabet. Thread-safe.</summary>
internal sealed class BytePairEncoder
{
    // In symbols. No word is as long; a text without any break can be.
    private const int LongPiece = 4096;

    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly bool _ignoreMerges;
    private readonly BpeTokenizer _merger;
    private readonly Lazy<LongPieceMerger> _longPieceMerger;

    /// <summary>Makes the encoder.</summary>
    /// <param name="vocabulary">The model's tokens, without added ones.</param>
    /// <param name="merges">Pairs with a space between, the first to be merged first.</param>
    /// <param name="ignoreMerges">Whether a pre-token that is itself a token is taken as it is.</param>
    internal BytePairEncoder(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges, bool ignoreMerges)
    {
        _vocabulary = vocabulary;
        _ignoreMerges = ignoreMerges;
        _merger = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges });
        _longPieceMerger = new Lazy<LongPieceMerger>(() => new LongPieceMerger(vocabulary, merges));
    }

    internal IReadOnlyList<int> Encode(string piece)
    {
        if (_ignoreMerges && _vocabulary.TryGetValue(piece, out var whole))
        {
            return [whole];
        }

        return piece.Length > LongPiece
            ? _longPieceMerger.Value.Encode(piece)
            : _merger.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false);
    }
}
