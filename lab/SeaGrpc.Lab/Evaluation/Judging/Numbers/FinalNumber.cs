using System.Text.RegularExpressions;
using SeaGrpc.Lab.Evaluation.Judging.Mathematics;

namespace SeaGrpc.Lab.Evaluation.Judging.Numbers;

/// <summary>
/// The final number of a worked answer: after the last <c>####</c> that is not a heading, else in the last <c>\boxed{}</c>, else the
/// last number of all. What is marked or boxed may be an equation, whose right side counts.
/// </summary>
internal static partial class FinalNumber
{
    private const string Mark = "####";

    /// <summary>The final number in the spelling of <see cref="LatexText.Spell"/>; null if there is none.</summary>
    public static string? Find(string answer) =>
        Given(MarkedText(answer))
            ?? Given(BoxedAnswer.Last(answer))
            ?? NumberPattern.In(LatexText.Spell(answer)).LastOrDefault()?.Value.Trim();

    /// <summary>What follows the last mark on its line, headings left out; null if there is no such mark.</summary>
    public static string? MarkedText(string text)
    {
        string? line = null;
        for (int at = text.LastIndexOf(Mark, StringComparison.Ordinal); at >= 0; at = at == 0
            ? -1
            : text.LastIndexOf(Mark, at - 1, StringComparison.Ordinal))
        {
            line = text[(at + Mark.Length)..].Trim().Split('\n')[0].Trim();
            if (!Heading().IsMatch(line) && First(line) is not null)
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>The value of the first number of a text; null if there is none.</summary>
    public static ExactRational? First(string text) =>
        NumberPattern.In(LatexText.Spell(text)).FirstOrDefault() is { } match ? NumberPattern.Value(match) : null;

    /// <summary>Whether the first numbers of both texts have one value.</summary>
    public static bool AreEqual(string reference, string answer) => First(reference) is { } value && First(answer) == value;

    /// <summary>The number of a text that holds little else: the first one after its last equals sign.</summary>
    private static string? Given(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string spelled = LatexText.Spell(text);
        string right = spelled[(spelled.LastIndexOf('=') + 1)..];
        return (NumberPattern.In(right).FirstOrDefault() ?? NumberPattern.In(spelled).FirstOrDefault())?.Value.Trim();
    }

    // "Step 2: ...", "2. Compute ...", and whatever ends with a colon.
    [GeneratedRegex(
        @"^[\s*_#(]*(?:(?:step|part|section|chapter|case|problem|question|exercise|example|phase|stage|method|option|approach|calculation)s?(?![a-z])[^:0-9]{0,12}[:0-9]"
        + @"|[0-9]+\s*[.):][\s*_]+\p{L})|:[\s*_]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Heading();
}
