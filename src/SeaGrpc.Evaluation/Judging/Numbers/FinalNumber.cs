using System.Numerics;
using System.Text.RegularExpressions;
using SeaGrpc.Evaluation.Judging.Mathematics;

namespace SeaGrpc.Evaluation.Judging.Numbers;

/// <summary>
/// The final number of a worked answer: after the last <c>####</c>, else in the last <c>\boxed{}</c>, else the last number of all.
/// Signs, thousands commas, currency, percent signs, units, closing dots, fractions and mixed numbers are understood.
/// </summary>
internal static partial class FinalNumber
{
    private const string Mark = "####";

    /// <summary>The final number as it is written; null where there is none.</summary>
    public static string? Find(string answer) =>
        FirstText(MarkedText(answer)) ?? FirstText(BoxedAnswer.Last(answer)) ?? Numbers(answer).LastOrDefault()?.Value.Trim();

    /// <summary>What follows the last mark on its line; null where there is no mark.</summary>
    public static string? MarkedText(string text)
    {
        int at = text.LastIndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + Mark.Length)..].Trim().Split('\n')[0].Trim();
    }

    /// <summary>The value of the first number of a text; null where there is none.</summary>
    public static ExactRational? First(string text) => Numbers(text).FirstOrDefault() is { } match ? Value(match) : null;

    /// <summary>Whether the first numbers of both texts have one value.</summary>
    public static bool AreEqual(string reference, string answer) => First(reference) is { } value && First(answer) == value;

    private static string? FirstText(string? text) => text is null ? null : Numbers(text).FirstOrDefault()?.Value.Trim();

    private static IEnumerable<Match> Numbers(string text) => Pattern().Matches(text).Where(match => Value(match) is not null);

    private static ExactRational? Value(Match match)
    {
        ExactRational? magnitude = Magnitude(match);
        return match.Groups["minus"].Success ? -magnitude : magnitude;
    }

    private static ExactRational? Magnitude(Match match)
    {
        ExactRational whole = match.Groups["whole"] is { Success: true } group ? Plain(group.Value) : new ExactRational(0, 1);
        if (!match.Groups["bottom"].Success)
        {
            return Plain(match.Groups["plain"].Value);
        }

        BigInteger bottom = BigInteger.Parse(match.Groups["bottom"].Value);
        return bottom.IsZero ? null : whole + (Plain(match.Groups["top"].Value) / new ExactRational(bottom, 1));
    }

    private static ExactRational Plain(string digits) => ExactRational.ParseDecimal(digits.Replace(",", "", StringComparison.Ordinal));

    // A minus counts as a sign only where no number or word stands right before it: 16-3 is a difference.
    [GeneratedRegex(
        """
        (?<![\p{L}\d]) (?<!\d\.)
        (?<minus>[-−])? (?:\\?[$€£]\s?)? (?<minus>(?<=[$€£]\s?)[-−])?
        (?: (?:(?<whole>\d+)\s*)? \\[dt]?frac\s*\{\s*(?<top>\d+)\s*\}\s*\{\s*(?<bottom>\d+)\s*\}
          | (?:(?<whole>\d+)\s+)? (?<top>\d+(?:,\d{3})*)\s?/\s?(?<bottom>\d+)
          | (?<plain>\d{1,3}(?:,\d{3})+(?:\.\d+)? | \d+(?:\.\d+)? | \.\d+) )
        (?!\d)
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Pattern();
}
