using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Characters;

/// <summary>
/// Rewrites Oniguruma's <c>\w</c>, <c>\W</c>, <c>\b</c> and <c>\B</c> for .NET. In Oniguruma more characters belong to a word.
/// </summary>
internal static class WordClasses
{
    // Letters, marks, digits, letter numbers, connectors and circled letters. Outside brackets also superscripts and fractions (such as
    // U+00B2).
    private static readonly string InnerWord = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}" + Others(UnicodeCategory.OtherSymbol);
    private static readonly string Word = InnerWord + Others(UnicodeCategory.OtherNumber);

    /// <summary>Returns the pattern with all of them rewritten.</summary>
    internal static string Rewrite(string pattern)
    {
        if (!pattern.AsSpan().ContainsAny("wWbB"))
        {
            return pattern;
        }

        var written = new StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '[')
            {
                var end = EndOfClass(pattern, i);
                written.Append(RewriteClass(pattern[i..end]));
                i = end - 1;
            }
            else if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                i++;
                _ = pattern[i] switch
                {
                    'w' => written.Append('[').Append(Word).Append(']'),
                    'W' => written.Append("[^").Append(Word).Append(']'),
                    'b' => written.Append($"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))"),
                    'B' => written.Append($"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))"),
                    var other => written.Append('\\').Append(other),
                };
            }
            else
            {
                written.Append(pattern[i]);
            }
        }

        return written.ToString();
    }

    private static string Others(UnicodeCategory category) => string.Concat(Enumerable.Range(0, 0x10000)
        .Where(c => CharacterData.IsPatternWord(c) && CharacterData.CategoryOf(c) == category)
        .Select(c => $"\\u{c:X4}"));

    private static string RewriteClass(string set)
    {
        var isNegated = set.StartsWith("[^", StringComparison.Ordinal);
        var content = new StringBuilder();
        var hasOthers = false;
        for (var i = isNegated ? 2 : 1; i < set.Length - 1; i++)
        {
            if (set[i] == '\\' && i + 1 < set.Length - 1)
            {
                i++;
                hasOthers |= set[i] == 'W';
                content.Append(set[i] switch { 'w' => InnerWord, 'W' => "", var other => "\\" + other });
            }
            else
            {
                content.Append(set[i]);
            }
        }

        // Characters outside words are those outside the class, or those that the class removes from words.
        return !hasOthers ? $"[{(isNegated ? "^" : "")}{content}]"
            : content.Length == 0 ? $"[{(isNegated ? "" : "^")}{InnerWord}]"
            : isNegated ? $"[{InnerWord}-[{content}]]"
            : $"(?:[{content}]|[^{InnerWord}])";
    }

    // The position after the bracket that closes the class, or the end of the pattern if there is none.
    private static int EndOfClass(string pattern, int start)
    {
        var i = start + 1;
        i += i < pattern.Length && pattern[i] == '^' ? 1 : 0;
        i += i < pattern.Length && pattern[i] == ']' ? 1 : 0;
        for (; i < pattern.Length && pattern[i] != ']'; i++)
        {
            i += pattern[i] == '\\' ? 1 : 0;
        }

        return Math.Min(pattern.Length, i + 1);
    }
}
