using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Merges ordinary pieces with Microsoft.ML.Tokenizers, which remembers the ids of short ones. Thread-safe.</summary>
/// <remarks>Its merging time grows with the square of a piece's length, and it has no rule for bytes without a token: such pieces go
/// through <see cref="GeneralMerger"/>.</remarks>
internal sealed class LibraryMerger : IPieceMerger
{
    // In symbols. Few words are as long, and none is remembered by the library; a text without a break is longer.
    private const int LongestPiece = 256;

    private readonly BpeTokenizer _merger;
    private readonly SearchValues<char> _symbolsWithoutToken;
    private readonly Lazy<GeneralMerger> _general;

    /// <summary>Makes the merger.</summary>
    /// <param name="model">A model that <see cref="Handles"/>.</param>
    internal LibraryMerger(BytePairModel model)
    {
        var tokenOf = model.Vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);

        // The library refuses a pair that comes twice. Of equal pairs the last counts.
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

    /// <summary>Whether the library can do all that a model asks for.</summary>
    /// <remarks>
    /// It spells no character in bytes, has no unknown token, and takes a merge as one text, in which a token with a space cannot be
    /// told from two.
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
