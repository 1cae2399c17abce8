using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>
/// Removes font and text commands around one symbol or number, where they have no meaning: <c>\mathrm{e}</c> is e and
/// <c>\text{-3}</c> is -3. Words keep theirs, which distinguish them from products of letters.
/// </summary>
internal static partial class LatexFonts
{
    /// <summary>Commands that set formulas in a font.</summary>
    public const string Math = @"\\(?:mathrm|mathbf|mathit|mathsf|mathtt|mathnormal|operatorname\*?|boldsymbol|bm|pmb)(?![a-zA-Z])";

    /// <summary>Commands that set words.</summary>
    public const string Text = @"\\(?:text(?:rm|bf|it|sf|tt|sl|sc|up|md|normal)?|mbox|hbox|emph)(?![a-zA-Z])";

    private const string Digits = @"(?:[0-9]+(?:,[0-9]{3})*(?:\.[0-9]*)?|\.[0-9]+)";
    private const string Letter = @"(?:[A-Za-z\p{IsGreek}]|\\[a-zA-Z]+)";

    /// <summary>Commands may stand in each other.</summary>
    private const int MaxDepth = 4;

    /// <summary>How many characters before a command are examined.</summary>
    private const int Context = 32;

    /// <summary>Letters that name a unit right after a value; any other letter there is a factor.</summary>
    private const string UnitLetters = "mgshlLJNWVAKCF";

    /// <summary>The formula without them.</summary>
    public static string Unwrap(string formula)
    {
        string text = formula;
        for (int depth = 0; depth < MaxDepth && text.Contains('\\', StringComparison.Ordinal); depth++)
        {
            string before = text;
            string named = OldFont().Replace(before, @"\mathrm{${inner}}");
            text = Wrapped().Replace(named, match => Inner(match, named[int.Max(0, match.Index - Context)..match.Index]));
            if (text == before)
            {
                break;
            }
        }

        return text;
    }

    private static string Inner(Match wrapped, string left)
    {
        string inner = Unwrap(wrapped.Groups["inner"].Value).Trim();
        if (MathFunctions.ByName.ContainsKey(inner))
        {
            return $@"\{inner} ";
        }

        bool means = wrapped.Groups["math"].Success ? Formula().IsMatch(inner) : SymbolOrNumber().IsMatch(inner);
        if (!means || (inner.Length == 1 && UnitLetters.Contains(inner[0], StringComparison.Ordinal) && Value().IsMatch(left)))
        {
            return wrapped.Value;
        }

        return inner.Length > 1 && Argument().IsMatch(left) ? $"{{{inner}}}"
            : left.Length > 0 && char.IsAsciiLetter(left[^1]) && char.IsAsciiLetter(inner[0]) ? " " + inner
            : inner;
    }

    [GeneratedRegex($@"(?:(?<math>{Math})|{Text})\s*(?:\{{(?<inner>(?:[^{{}}]|\{{[^{{}}]*\}})*)\}}|(?<inner>[0-9A-Za-z]))")]
    private static partial Regex Wrapped();

    [GeneratedRegex(@"\{\s*\\(?:bf|rm|it|sf|tt|em)\s+(?<inner>[^{}\\]*)\}")]
    private static partial Regex OldFont();

    [GeneratedRegex(
        $@"^[-+]?\s*(?:\\?\$\s*)?(?:{Digits}(?:\s*/\s*{Digits})?|\\[dtc]?frac\s*(?:\{{[0-9]+\}}|[0-9])\s*(?:\{{[0-9]+\}}|[0-9])"
        + $@"|{Letter}(?:_(?:\{{[0-9A-Za-z]+\}}|[0-9A-Za-z]))?|\([A-Za-z]\))\s*(?:\\?%)?$")]
    private static partial Regex SymbolOrNumber();

    // No words, which are two letters or more, and no abbreviations.
    [GeneratedRegex(@"^(?:\\[a-zA-Z]+|\\[^a-zA-Z]|[A-Za-z](?![A-Za-z.])|[^A-Za-z\\])+$")]
    private static partial Regex Formula();

    [GeneratedRegex(@"[0-9}]\s*(?:\\[,;:! ]|~)?\s*$")]
    private static partial Regex Value();

    // Where a command, an exponent or a group's neighbour takes one token only.
    [GeneratedRegex(@"(?:[\^_}]|\\[a-zA-Z]+)\s*$")]
    private static partial Regex Argument();
}
