using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Merges ordinary pieces with Microsoft.ML.Tokenizers, which caches the ids of short ones. Thread-safe.</summary>
/// <remarks>
/// Its merging time is quadratic in the length of a piece, and it has no rule for bytes without a token. Such pieces go through
/// <see cref="GeneralMerger"/>.
/// </remarks>
internal sealed class LibraryMerger : IPieceMerger
{
    // In symbols. Few words are this long, and the library caches none of them. A text without breaks is longer.
    private const int LongestPiece = 256;

    private readonly BpeTokenizer _merger;
    private readonly SearchValues<char> _symbolsWithoutToken;
    private readonly Lazy<GeneralMerger> _general;

    /// <summary>Creates the merger.</summary>
    /// <param name="model">A model that <see cref="Handles"/>.</param>
    internal LibraryMerger(BytePairModel model)
    {
        var tokenOf = model.Vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);

        // The library rejects duplicate pairs. Of equal pairs, the last one counts.
        var last = new Dictionary<(int Left, int Right), int>(model.Merges.Count);
        for (var rank = 0; rank < model.Merges.Count; rank++)
        {
            last[(model.Merges[rank].Left, model.Merges[rank].Right)] = rank;
        }

        _merger = BpeTokenizer.Create(new BpeOptions(model.Vocabulary)
        {
            Merges = [.. model.Merges
                .Where((merge, rank) => last[(merge.Left, merge.Right)] == rank)
                .Select(merge => $"{tokenOf[merge.Left]} {tokenOf[merge.Right]}")],
        });
        _symbolsWithoutToken = SearchValues.Create(
            [.. ByteAlphabet.Utf8Symbols.Where(symbol => !model.Vocabulary.ContainsKey(symbol.ToString()))]);
        _general = new Lazy<GeneralMerger>(() => new GeneralMerger(model));
    }

    /// <summary>Whether the library can do everything that a model needs.</summary>
    /// <remarks>
    /// It does not spell characters in bytes, has no unknown token, and represents a merge as one text, in which a token that contains a
    /// space cannot be distinguished from two tokens.
    /// </remarks>
    internal static bool Handles(BytePairModel model)
    {
        if (model.ByteIds is not null || model.UnknownId is not null)
        {
            return false;
        }

        var spaced = model.Vocabulary.Where(entry => entry.Key.Contains(' ', StringComparison.Ordinal))
            .Select(entry => entry.Value)
            .ToHashSet();
        return !model.Merges.Any(merge => spaced.Contains(merge.Left) || spaced.Contains(merge.Right));
    }

    public void Merge(string piece, List<int> ids)
    {
        if (piece.Length > LongestPiece || piece.AsSpan().ContainsAny(_symbolsWithoutToken))
        {
            _general.Value.Merge(piece, ids);
            return;
        }

        ids.AddRange(_merger.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
    }
}
