using System.Text;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>
/// Rewrites Oniguruma's possessive quantifiers for .NET: X++ becomes (?&gt;X+). After braces, a plus means repetition, as in Ruby: X{2}+ is
/// (?:X{2})+.
/// </summary>
internal static partial class PossessiveQuantifiers
{
    [GeneratedRegex(
        @"\G(?:\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\[\\])",
        RegexOptions.Singleline)]
    private static partial Regex Atom { get; }

    [GeneratedRegex(@"\G(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})")]
    private static partial Regex Quantifier { get; }

    /// <summary>Returns the pattern with all of them rewritten. The rest stays unchanged.</summary>
    public static string Rewrite(string pattern)
    {
        if (!pattern.Contains('+', StringComparison.Ordinal))
        {
            return pattern;
        }

        var written = new StringBuilder(pattern.Length);
        var groups = new Stack<int>();
        for (int at = 0; at < pattern.Length;)
        {
            Match atom = Atom.Match(pattern, at);
            if (!atom.Success)
            {
                // An unfinished class or escape. .NET's parser reports what is wrong with it.
                return pattern;
            }

            int start = written.Length;
            written.Append(atom.ValueSpan);
            at += atom.Length;
            if (atom.Value == "(")
            {
                groups.Push(start);
                if (pattern.AsSpan(at).StartsWith("?"))
                {
                    written.Append('?');
                    at++;
                }

                continue;
            }

            if (atom.Value == ")" && !groups.TryPop(out start))
            {
                return pattern;
            }

            Match quantifier = Quantifier.Match(pattern, at);
            if (!quantifier.Success || atom.Value == "|")
            {
                continue;
            }

            written.Append(quantifier.ValueSpan);
            at += quantifier.Length;
            if (at < pattern.Length && pattern[at] == '+')
            {
                bool repeats = quantifier.Value[0] == '{';
                written.Insert(start, repeats ? "(?:" : "(?>").Append(repeats ? ")+" : ")");
                at++;
            }
        }

        return written.ToString();
    }
}
