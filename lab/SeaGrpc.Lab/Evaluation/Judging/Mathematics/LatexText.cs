using System.Text.RegularExpressions;
using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>Writes the many LaTeX spellings of one formula in one way: spacing, signs, units and currency.</summary>
internal static partial class LatexText
{
    private static readonly (string From, string To)[] Spellings =
    [
        ("−", "-"), ("–", "-"), ("‐", "-"), ("‑", "-"), ("﹣", "-"), ("×", @"\times "), ("·", @"\cdot "), ("π", @"\pi "), ("∞", @"\infty "),
        ("∪", @"\cup "), ("√", @"\sqrt "),
        ("±", @"\pm "), ("≤", @"\le "), ("≥", @"\ge "), ("∈", @"\in "), ("°", ""), ("²", "^2"), ("³", "^3"),
        ("½", " 1/2"), ("¼", " 1/4"), ("¾", " 3/4"), ("⅓", " 1/3"), ("⅔", " 2/3"), ("⅕", " 1/5"), ("⅛", " 1/8"), ("⁄", "/"),
        (@"\lbrace", @"\{"), (@"\rbrace", @"\}"), (@"\lbrack", "["), (@"\rbrack", "]"), (@"\lvert", "|"), (@"\rvert", "|"), (@"\vert", "|"),
        (@"\leq", @"\le"), (@"\geq", @"\ge"), (@"\infin ", @"\infty "),
    ];

    /// <summary>
    /// What formulas and numbers in prose share: digits, signs, thousands and fractions in their plain spelling, and no font
    /// around one symbol or number. Lines, words, currency and percent signs stay.
    /// </summary>
    public static string Spell(string text)
    {
        text = AsciiDigits.Of(text);
        foreach ((string from, string to) in Spellings)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        text = ThousandsSpacing().Replace(text, "");
        text = LatexFonts.Unwrap(text);
        return Fraction().Replace(text, @"\frac");
    }

    /// <summary>The formula in its plain spelling; words that are answers stay as they are.</summary>
    public static string Clean(string formula)
    {
        string text = Spell(formula);
        text = Dropped().Replace(text, "");
        text = Spacing().Replace(text, " ");
        text = Degrees().Replace(text, "");
        text = Separator().Replace(text, ",");
        text = TextUnit().Replace(text.Trim(), "");
        text = WordUnit().Replace(text.Trim(), "");
        return text.Trim().TrimEnd('.', ',', ';', ':').Trim();
    }

    /// <summary>Words without the commands around them, in lower case; empty if the formula is not text.</summary>
    public static string Words(string cleaned)
    {
        string bare = TextCommand().Replace(cleaned, "");
        bool isMarked = bare.Length < cleaned.Length && !Operator().IsMatch(bare);
        return isMarked || Prose().IsMatch(cleaned) ? Letters(cleaned) : "";
    }

    /// <summary>Letters and digits alone, in lower case, for comparison with <see cref="Words"/>; a sign stays.</summary>
    public static string Letters(string cleaned)
    {
        string bare = Sign().Replace(TextCommand().Replace(cleaned, ""), "\u2212");
        return new string([.. bare.Where(letter => char.IsLetterOrDigit(letter) || letter == '\u2212')]).ToLowerInvariant();
    }

    /// <summary>
    /// The letter of a multiple choice, in lower case: of <c>\text{(B)}</c> or <c>\textbf{B}</c>. Null where the formula is none.
    /// </summary>
    public static string? Choice(string formula) =>
        ChoiceForm().Match(formula) is { Success: true } match ? match.Groups["letter"].Value.ToLowerInvariant() : null;

    [GeneratedRegex(
        @"(?<=[0-9])(?:\\[!,;: ]|\\thinspace(?![a-zA-Z])|,\s*\\!|\{,\}|,\{\}|\\!,|[~\u00A0\u2009\u202F])+\s*(?=[0-9]{3}(?![0-9]))")]
    private static partial Regex ThousandsSpacing();

    [GeneratedRegex(
        @"\\(?:left|right|bigl?|bigr|Bigl?|Bigr|biggl?|biggr|displaystyle|textstyle|limits)(?![a-zA-Z])|\\!\s*|\\[$%]|[$%]|\\[()\[\]](?=\s*$)|^\s*\\[(\[]")]
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
    [GeneratedRegex(
        @"(?<=[0-9A-Za-z_})\]]\s*)\\(?:text|mbox|textrm|mathrm|hbox|textit|textbf|rm)\s*\{(?!\s*[ap]\.?m)[^{}]*\}\s*(?:\^\s*(?:[0-9]|\{\s*[0-9]\s*\}))?\s*\.?$")]
    private static partial Regex TextUnit();

    [GeneratedRegex(
        @"(?<=[0-9}]\s*)(?:square|cubic|sq\.?|cu\.?)?\s*(?:degrees?|units?|inch(?:es)?|in|feet|foot|ft|yards?|miles?|meters?|metres?|cm|mm|km|kg|grams?|dollars?|cents?|hours?|minutes?|seconds?|days?|years?|percent|mph)\s*(?:\^\s*(?:[0-9]|\{\s*[0-9]\s*\}))?\.?$")]
    private static partial Regex WordUnit();

    [GeneratedRegex($@"{LatexFonts.Text}|{LatexFonts.Math}|\\(?:bf|rm)(?![a-zA-Z])")]
    private static partial Regex TextCommand();

    // What no words have: a formula with a word in it is not text.
    [GeneratedRegex(@"[+=^*<>|\\]")]
    private static partial Regex Operator();

    [GeneratedRegex(@"^[\s{(]*-|-(?=[\s{(]*[0-9])")]
    private static partial Regex Sign();

    [GeneratedRegex($@"^\s*{LatexFonts.Text}\s*\{{\s*\(?\s*(?<letter>[A-Za-z])\s*\)?\.?\s*\}}\s*$")]
    private static partial Regex ChoiceForm();

    [GeneratedRegex(@"^(?!.*(?:sqrt|sin|cos|tan|cot|sec|csc|log|ln|exp|pi)\b)[A-Za-z][A-Za-z'\- ]*[A-Za-z]{2}[A-Za-z' \-]*$")]
    private static partial Regex Prose();
}
