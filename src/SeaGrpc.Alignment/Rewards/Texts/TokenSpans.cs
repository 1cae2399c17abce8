using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>The characters of a text that each of its tokens stands for.</summary>
/// <param name="Text">The text.</param>
/// <param name="Spans">The first character of each token, and the one after its last. Tokens of one character share it.</param>
internal sealed record TokenSpans(string Text, IReadOnlyList<(int Start, int End)> Spans)
{
    /// <summary>Decodes ids one by one.</summary>
    /// <param name="tokenizer">Their tokenizer.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="keepSpecialTokens">Whether special tokens are part of the text.</param>
    public static TokenSpans Of(Tokenizer tokenizer, IReadOnlyList<int> ids, bool keepSpecialTokens)
    {
        IncrementalDecoder decoder = tokenizer.StartDecoding(keepSpecialTokens);
        var text = new System.Text.StringBuilder();
        var spans = new (int Start, int End)[ids.Count];
        int pending = 0;
        for (int index = 0; index < ids.Count; index++)
        {
            int start = text.Length;
            text.Append(decoder.Add(ids[index]));
            if (text.Length > start || index == ids.Count - 1)
            {
                text.Append(index == ids.Count - 1 ? decoder.End() : "");
                Array.Fill(spans, (start, text.Length), pending, index + 1 - pending);
                pending = index + 1;
            }
        }

        return new TokenSpans(text.ToString(), spans);
    }

    /// <summary>
    /// How much of each token's characters in a part of this text belongs to each token of another text: [tokens, others' tokens]. Sums to
    /// 1 for each token that the other text contains, and is 0 if it does not contain this one.
    /// </summary>
    /// <param name="whole">A text that contains this one, perhaps in other cases or without blanks around it.</param>
    /// <param name="from">First of the other's tokens that count.</param>
    public float[,] SharesOf(TokenSpans whole, int from)
    {
        var shares = new float[Spans.Count, whole.Spans.Count - from];
        string core = Text.Trim();
        int at = whole.Text.LastIndexOf(core, StringComparison.OrdinalIgnoreCase);
        if (core.Length == 0 || at < 0)
        {
            return shares;
        }

        int shift = at - Text.IndexOf(core, StringComparison.Ordinal);
        int other = 0;
        for (int token = 0; token < Spans.Count; token++)
        {
            int start = Math.Max(at, Spans[token].Start + shift);
            int end = Math.Min(at + core.Length, Spans[token].End + shift);
            while (other > 0 && whole.Spans[other - 1].End > start)
            {
                other--;
            }

            float sum = 0;
            int first = other;
            for (; other < whole.Spans.Count && whole.Spans[other].Start < end; other++)
            {
                sum += Common(whole.Spans[other]);
            }

            for (int one = Math.Max(first, from); one < other; one++)
            {
                shares[token, one - from] = sum > 0 ? Common(whole.Spans[one]) / sum : 0;
            }

            float Common((int Start, int End) span) => Math.Max(0, Math.Min(end, span.End) - Math.Max(start, span.Start));
        }

        return shares;
    }
}
