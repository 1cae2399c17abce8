using System.Text.RegularExpressions;

namespace SeaGrpc.Evaluation.Judging.Mathematics;

/// <summary>Writes the many LaTeX spellings of one formula in one way: spacing, signs, units and currency.</summary>
internal static partial class LatexText
{
    private static readonly (string From, string To)[] Spellings =
    [
        ("−", "-"), ("–", "-"), ("×", @"\times "), ("·", @"\cdot "), ("π", @"\pi "), ("∞", @"\infty "), ("∪", @"\cup "), ("√", @"\sqrt "),
        ("±", @"\pm "), ("≤", @"\le "), ("≥", @"\ge "), ("∈", @"\in "), ("°", ""), ("²", "^2"), ("³", "^3"),
        (@"\lbrace", @"\{"), (@"\rbrace", @"\}"), (@"\lbrack", "["), (@"\rbrack", "]"), (@"\lvert", "|"), (@"\rvert", "|"), (@"\vert", "|"),
        (@"\leq", @"\le"), (@"\geq", @"\ge"), (@"\infin ", @"\infty "),
    ];

    /// <summary>The formula in its plain spelling; words that are answers stay as they are.</summary>
    public static string Clean(string formula)
    {
        string text = formula;
        foreach ((string from, string to) in Spellings)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        text = ThousandsSpacing().Replace(text, "");
        text = TextDigits().Replace(text, "${digits}");
        text = Dropped().Replace(text, "");
        text = Spacing().Replace(text, " ");
        text = Fraction().Replace(text, @"\frac");
        text = Degrees().Replace(text, "");
        text = Separator().Replace(text, ",");
        text = TextUnit().Replace(text.Trim(), "");
        text = WordUnit().Replace(text.Trim(), "");
        return text.Trim().TrimEnd('.', ',', ';', ':').Trim();
    }

    /// <summary>Words without the commands around them, in lower case; empty where the formula is no text.</summary>
    public static string Words(string cleaned)
    {
        string bare = TextCommand().Replace(cleaned, "");
        bool marked = bare.Length < cleaned.Length;
        bare = new string([.. bare.Where(char.IsLetterOrDigit)]).ToLowerInvariant();
        return marked || Prose().IsMatch(cleaned) ? bare : "";
    }

    /// <summary>Letters and digits alone, in lower case, for comparison with <see cref="Words"/>.</summary>
    public static string Letters(string cleaned) =>
        new string([.. TextCommand().Replace(cleaned, "").Where(char.IsLetterOrDigit)]).ToLowerInvariant();

    [GeneratedRegex(@"(?<=\d)(?:\\[!,;: ]|,\s*\\!|\{,\}|,\{\}|\\!,)+\s*(?=\d{3}(?!\d))")]
    private static partial Regex ThousandsSpacing();

    [GeneratedRegex(@"\\(?:text|mbox|textrm|mathrm)\s*\{\s*(?<digits>\d+)\s*\}")]
    private static partial Regex TextDigits();

    [GeneratedRegex(@"\\(?:left|right|bigl?|bigr|Bigl?|Bigr|biggl?|biggr|displaystyle|textstyle|limits)(?![a-zA-Z])|\\!\s*|\\[$%]|[$%]|\\[()\[\]](?=\s*$)|^\s*\\[(\[]")]
    private static partial Regex Dropped();

    [GeneratedRegex(@"(?<!\\)\\[,;:> ]|~|\\q?quad(?![a-zA-Z])|\s+")]
    private static partial Regex Spacing();

    [GeneratedRegex(@"\\[dtc]frac(?![a-zA-Z])")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\^\s*(?:\\circ(?![a-zA-Z])|\{\s*\\circ\s*\})|\^?\\degree(?![a-zA-Z])")]
    private static partial Regex Degrees();

    [GeneratedRegex(@",?\s*\\(?:text|mbox|textrm|mathrm)\s*\{\s*(?:and|or)\s*\}|,?\s+(?:and|or)\s+|\s*;\s*")]
    private static partial Regex Separator();

    // Text after a value names its unit; a time of day changes the value.
    [GeneratedRegex(@"(?<=[\d\w})\]]\s*)\\(?:text|mbox|textrm|mathrm|hbox|textit|textbf|rm)\s*\{(?!\s*[ap]\.?m)[^{}]*\}\s*(?:\^\s*(?:\d|\{\s*\d\s*\}))?\s*\.?$")]
    private static partial Regex TextUnit();

    [GeneratedRegex(
        @"(?<=[\d}]\s*)(?:square|cubic|sq\.?|cu\.?)?\s*(?:degrees?|units?|inch(?:es)?|in|feet|foot|ft|yards?|miles?|meters?|metres?|cm|mm|km|kg|grams?|dollars?|cents?|hours?|minutes?|seconds?|days?|years?|percent|mph)\s*(?:\^\s*(?:\d|\{\s*\d\s*\}))?\.?$")]
    private static partial Regex WordUnit();

    [GeneratedRegex(@"\\(?:text|mbox|textrm|mathrm|hbox|textit|textbf|textsf|mathbf|bf|rm|operatorname)(?![a-zA-Z])")]
    private static partial Regex TextCommand();

    [GeneratedRegex(@"^(?!.*(?:sqrt|sin|cos|tan|cot|sec|csc|log|ln|exp|pi)\b)[A-Za-z][A-Za-z'\- ]*[A-Za-z]{2}[A-Za-z' \-]*$")]
    private static partial Regex Prose();
}
