using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>The texts of single tokens, and where they are in the text of a response.</summary>
internal static class TokenTexts
{
    /// <summary>Tokens before one that decide how it is written: a tokenizer may drop the blank before a text.</summary>
    private const int Context = 4;

    /// <summary>The last tokens before a place that decide how the next one is written.</summary>
    public static int[] Before(IReadOnlyList<int> ids, int place) => [.. ids.Take(place).Skip(place - Context)];

    /// <summary>A token's text.</summary>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="before">The last tokens before it.</param>
    /// <param name="id">The token.</param>
    public static string TextOf(Tokenizer tokenizer, int[] before, int id)
    {
        string start = tokenizer.Decode(before, keepSpecialTokens: true);
        string whole = tokenizer.Decode([.. before, id], keepSpecialTokens: true);
        return whole.StartsWith(start, StringComparison.Ordinal) ? whole[start.Length..] : tokenizer.Decode([id]);
    }

    /// <summary>What was read of a response's tokens, as the contract tells it.</summary>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="ids">Ids of the response; at least one.</param>
    /// <param name="read">What was read.</param>
    public static TokenFigures Figures(Tokenizer tokenizer, IReadOnlyList<int> ids, ReadTokens read)
    {
        var figures = new TokenFigures { PolicyTokens = read.PolicyTokens, RewardTokens = read.RewardTokens };
        IncrementalDecoder decoder = tokenizer.StartDecoding();
        int end = 0;
        for (int place = 0; place < ids.Count; place++)
        {
            string text = decoder.Add(ids[place]) + (place == ids.Count - 1 ? decoder.End() : string.Empty);
            int start = end;
            end += text.EnumerateRunes().Count();
            int[] before = Before(ids, place);
            var figure = new TokenFigure
            {
                Start = start,
                End = end,
                LogProbability = read.LogProbabilities[place],
                Alternatives =
                {
                    read.Alternatives[place].Select(other => new TokenAlternative
                    {
                        Id = other.Id,
                        Text = TextOf(tokenizer, before, other.Id),
                        LogProbability = other.LogProbability,
                    }),
                },
            };
            if (read.RewardGradientNorms is { } norms)
            {
                figure.RewardGradientNorm = norms[place];
            }

            figures.Tokens.Add(figure);
        }

        return figures;
    }
}
