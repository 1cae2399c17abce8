using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Numbers;

/// <summary>
/// The numbers of a text in the spelling of <see cref="Mathematics.LatexText.Spell"/>: signs, thousands commas, currency,
/// decimals, fractions, mixed numbers, powers, powers of ten. Units and percent signs after a number do not matter.
/// </summary>
internal static partial class NumberPattern
{
    private static readonly ExactRational Zero = new(0, 1);
    private static readonly ExactRational Ten = new(10, 1);

    /// <summary>The numbers that have a value, in order.</summary>
    public static IEnumerable<Match> In(string text) => Pattern().Matches(text).Where(match => Value(match) is not null);

    /// <summary>A match's value.</summary>
    /// <returns>Null for a division by zero, and for a power that is too long to keep.</returns>
    public static ExactRational? Value(Match match)
    {
        ExactRational? magnitude = match.Groups["bottom"].Success ? Fraction(match) : Power(match);
        return match.Groups["minus"].Success ? -magnitude : magnitude;
    }

    private static ExactRational? Fraction(Match match)
    {
        ExactRational bottom = Plain(match.Groups["bottom"].Value);
        ExactRational whole = match.Groups["whole"] is { Success: true } group ? Plain(group.Value) : Zero;
        return bottom.IsZero ? null : whole + (Plain(match.Groups["top"].Value) / bottom);
    }

    private static ExactRational? Power(Match match)
    {
        ExactRational? value = Plain(match.Groups["plain"].Value);
        value = match.Groups["exponent"] is { Success: true } exponent ? ExactRational.Power(value.Value, Whole(exponent.Value)) : value;
        return match.Groups["tens"] is { Success: true } tens ? value * ExactRational.Power(Ten, Whole(tens.Value)) : value;
    }

    private static ExactRational Plain(string digits) => digits.StartsWith('-')
        ? -Plain(digits[1..])
        : ExactRational.ParseDecimal(digits.Replace(",", "", StringComparison.Ordinal));

    private static ExactRational Whole(string digits) =>
        new(BigInteger.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), 1);

    // A minus counts as a sign only where no number or word stands right before it: 16-3 is a difference. An exponent or
    // index is not a number of its own, and the base of an exponent that cannot be read is none either.
    [GeneratedRegex(
        """
        (?<![\p{L}0-9]) (?<![0-9]\.) (?<!\^\s*\{?\s*-?) (?<!\p{L}_\{?)
        (?<minus>-)? (?:\\?\p{Sc}\s?)? (?<minus>(?<=\p{Sc}\s?)-)?
        (?: (?:(?<whole>[0-9]+)\s*)? \\frac\s*(?:\{\s*(?<top>-?[0-9][0-9,]*)\s*\}|(?<top>[0-9]))
            \s*(?:\{\s*(?<bottom>[0-9][0-9,]*)\s*\}|(?<bottom>[0-9]))
          | (?:(?<whole>[0-9]+)\s+)? (?<top>[0-9]+(?:,[0-9]{3})*)\s?/\s?(?<bottom>[0-9]+(?:,[0-9]{3})*)
          | (?<plain>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)? | [0-9]+(?:\.[0-9]+)? | \.[0-9]+)
            (?:\s*\^\s*(?:\{\s*(?<exponent>-?[0-9]+)\s*\} | (?<exponent>-?[0-9]+)))?
            (?: (?:\s*(?:\\times|\\cdot|\*|x)\s*10\s*\^\s*(?:\{\s*(?<tens>-?[0-9]+)\s*\} | (?<tens>-?[0-9]+)))
              | e(?<tens>[+-]?[0-9]+)(?![\p{L}0-9]) )?
            (?!\s*\^\s*\{?\s*-?[0-9]) )
        (?![0-9])
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
