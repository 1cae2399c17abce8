namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>Makes a byte-level BPE vocabulary in which every given piece is one token and any other text is still encodable.</summary>
public static class WordTokenizerBuilder
{
    /// <summary>Tokens and merges for the pieces.</summary>
    /// <param name="pieces">Words, with a leading space where they have one.</param>
    /// <param name="specialTokens">Control tokens; they get the ids after all others.</param>
    /// <exception cref="ArgumentException">A piece does not end as one token, because another's merges cut into it.</exception>
    public static WordTokenizer Build(IEnumerable<string> pieces, IReadOnlyList<string> specialTokens)
    {
        // 1. A chain of merges per piece, from its first byte on; those with a space first, since only they can't occur inside a word.
        var spelt = pieces.Select(ByteAlphabet.Spell).Distinct().ToArray();
        var space = ByteAlphabet.Spell(" ");
        var tokens = ByteAlphabet.Tokens.ToList();
        var known = tokens.ToHashSet();
        var merges = new List<(string Left, string Right)>();
        foreach (var piece in spelt.OrderBy(piece => !piece.StartsWith(space, StringComparison.Ordinal))
            .ThenBy(piece => piece, StringComparer.Ordinal))
        {
            for (var length = 2; length <= piece.Length; length++)
            {
                if (known.Add(piece[..length]))
                {
                    tokens.Add(piece[..length]);
                    merges.Add((piece[..(length - 1)], piece[(length - 1)..length]));
                }
            }
        }

        // 2. Every piece must survive its own encoding.
        var ranks = merges.Select((merge, rank) => (merge, rank)).ToDictionary(item => item.merge, item => item.rank);
        foreach (var piece in spelt)
        {
            if (Encode(piece, ranks).Count != 1)
            {
                throw new ArgumentException($"'{piece}' is cut by the merges of another piece.", nameof(pieces));
            }
        }

        return new WordTokenizer(tokens, merges, specialTokens);
    }

    private static List<string> Encode(string piece, Dictionary<(string Left, string Right), int> ranks)
    {
        var symbols = piece.Select(character => character.ToString()).ToList();
        while (true)
        {
            var best = -1;
            var bestRank = int.MaxValue;
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < bestRank)
                {
                    (best, bestRank) = (i, rank);
                }
            }

            if (best < 0)
            {
                return symbols;
            }

            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }
}
