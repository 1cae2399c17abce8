using System.Text;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>An answer's text with the stretches that differ from the draft.</summary>
/// <param name="Pieces">The stretches in order; together they are the whole text.</param>
internal sealed record MarkedText(IReadOnlyList<TextPiece> Pieces)
{
    /// <summary>Most word pairs that are compared; a longer text is shown without marks.</summary>
    private const int MaxComparisons = 4_000_000;

    /// <summary>A text without marks.</summary>
    public static MarkedText Plain(string text) => new([new TextPiece(Printable(text), false)]);

    /// <summary>Marks the spans that the server names; their offsets count code points.</summary>
    public static MarkedText FromSpans(string text, IEnumerable<ChangedSpan> spans)
    {
        var runes = text.EnumerateRunes().ToArray();
        var pieces = new List<TextPiece>();
        var at = 0;
        foreach (var span in spans)
        {
            var start = Math.Clamp(span.Start, at, runes.Length);
            var end = Math.Clamp(span.End, start, runes.Length);
            Add(pieces, runes[at..start], changed: false);
            Add(pieces, runes[start..end], changed: true);
            at = end;
        }

        Add(pieces, runes[at..], changed: false);
        return new MarkedText(pieces);
    }

    /// <summary>Marks the words that are not in the longest common sequence of words with the draft.</summary>
    public static MarkedText FromDraft(string text, string draft)
    {
        var words = Words(text);
        var before = Words(draft);
        if ((long)words.Length * before.Length > MaxComparisons)
        {
            return Plain(text);
        }

        HashSet<int> kept = [.. Alignment.CommonSubsequence.Of<string>(Trimmed(before), Trimmed(words)).Select(pair => pair.Second)];
        List<TextPiece> pieces = [.. words.Select((word, index) => new TextPiece(Printable(word), !kept.Contains(index)))];
        return new MarkedText(pieces);
    }

    /// <summary>The text with its changed stretches in square brackets.</summary>
    public override string ToString() => string.Concat(Pieces.Select(piece => piece.Changed ? Bracketed(piece.Text) : piece.Text));

    /// <summary>
    /// Characters that a terminal would obey become U+FFFD: controls, line separators, changes of the direction of writing.
    /// </summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(letter => Obeys(letter) ? '\uFFFD' : letter));

    private static bool Obeys(char letter) =>
        (char.IsControl(letter) && letter is not ('\n' or '\t'))
            || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static string[] Trimmed(string[] words) => [.. words.Select(word => word.Trim())];

    private static string Bracketed(string text)
    {
        var word = text.Trim();
        return word.Length == 0 ? text : text.Replace(word, $"[{word}]", StringComparison.Ordinal);
    }

    /// <summary>Words with the white space before them.</summary>
    private static string[] Words(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var at = 1; at <= text.Length; at++)
        {
            if (at == text.Length || (char.IsWhiteSpace(text[at]) && !char.IsWhiteSpace(text[at - 1])))
            {
                words.Add(text[start..at]);
                start = at;
            }
        }

        return [.. words];
    }

    private static void Add(List<TextPiece> pieces, Rune[] runes, bool changed)
    {
        if (runes.Length > 0)
        {
            pieces.Add(new TextPiece(Printable(string.Concat(runes)), changed));
        }
    }
}
