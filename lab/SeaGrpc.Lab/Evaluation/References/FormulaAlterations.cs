using System.Text.RegularExpressions;
using SeaGrpc.Lab.Evaluation.Judging.Mathematics;

namespace SeaGrpc.Lab.Evaluation.References;

/// <summary>Alters a formula in several ways, each of which changes its meaning by construction.</summary>
internal static partial class FormulaAlterations
{
    /// <summary>Every alteration that fits the reference.</summary>
    public static IEnumerable<Alteration> Of(string reference) =>
    [
        .. Digits(reference),
        .. Signs(reference),
        .. Fractions(reference),
        .. Letters(reference),
        .. Roots(reference),
        .. Elements(reference),
    ];

    /// <summary>The last digit of each number, units left out.</summary>
    private static IEnumerable<Alteration> Digits(string reference) =>
        Number().Matches(reference).Where(match => match.Groups["number"].Success).Select(match =>
        {
            int last = match.Index + match.Length - 1;
            return new Alteration("digit", reference[..last] + (char)('0' + ((reference[last] - '0' + 1) % 10)) + reference[(last + 1)..]);
        });

    private static IEnumerable<Alteration> Signs(string reference)
    {
        if (!IsScalar(reference))
        {
            foreach (Match match in LeadingNumber().Matches(reference))
            {
                int at = match.Groups["at"].Index;
                string negated = match.Groups["minus"].Success
                    ? reference.Remove(match.Groups["minus"].Index, 1)
                    : reference.Insert(at, "-");
                yield return new Alteration("sign", negated);
            }
        }
        else if (MathAnswerParser.Parse(reference) is not TextAnswer && NonZero().IsMatch(reference))
        {
            yield return new Alteration("sign", Sum().IsMatch(reference) ? $"-({reference})"
                : reference.StartsWith('-') ? reference[1..] : "-" + reference);
            yield return new Alteration("plus one", MixedNumber().IsMatch(reference) ? "1+" + reference : $"1+{{{reference}}}");
        }
    }

    private static IEnumerable<Alteration> Fractions(string reference)
    {
        foreach (Match match in Fraction().Matches(reference).Where(match => match.Groups["top"].Value != match.Groups["bottom"].Value))
        {
            string swapped = match.Value[0] == '\\'
                ? $@"\frac{{{match.Groups["bottom"].Value}}}{{{match.Groups["top"].Value}}}"
                : $"{match.Groups["bottom"].Value}/{match.Groups["top"].Value}";
            yield return new Alteration("upside down", reference[..match.Index] + swapped + reference[(match.Index + match.Length)..]);
        }
    }

    /// <summary>Each letter of a word, or of a formula's variables.</summary>
    private static IEnumerable<Alteration> Letters(string reference)
    {
        bool isText = LatexText.Choice(reference) is not null || MathAnswerParser.Parse(reference) is TextAnswer;
        if (!isText && !IsScalar(reference))
        {
            return [];
        }

        return Letter().Matches(reference).Where(match => match.Groups["letter"].Success || (isText && match.Groups["word"].Success))
            .Select(match => match.Groups["letter"].Success ? match.Groups["letter"] : match.Groups["word"])
            .SelectMany(group => Enumerable.Range(group.Index, group.Length))
            .Where(at => char.IsAsciiLetter(reference[at]))
            .Select(at => new Alteration("letter", reference[..at] + Next(reference[at]) + reference[(at + 1)..]));
    }

    private static char Next(char letter) => letter switch { 'z' => 'a', 'Z' => 'A', _ => (char)(letter + 1) };

    private static IEnumerable<Alteration> Roots(string reference) => Root().Matches(reference).Select(match =>
        new Alteration(
            "root dropped", reference[..match.Index] + "(" + match.Groups[1].Value + ")" + reference[(match.Index + match.Length)..]));

    /// <summary>Elements of tuples, lists, unions and matrices dropped or in another order, and other brackets.</summary>
    private static IEnumerable<Alteration> Elements(string reference)
    {
        Match parts = Enclosure().Match(reference);
        string inner = parts.Groups["inner"].Value;
        foreach (string separator in new[] { @"\cup", @"\\", "&", "," })
        {
            List<string> pieces = AnswerSplitter.Split(inner, separator).Pieces;
            if (pieces.Count < 2 || (separator == "," && GroupedDigits().IsMatch(reference)))
            {
                continue;
            }

            string Joined(IEnumerable<string> chosen) =>
                parts.Groups["open"].Value + string.Join($" {separator} ", chosen) + parts.Groups["close"].Value;
            yield return new Alteration("element dropped", Joined(pieces.SkipLast(1)));
            yield return new Alteration("element dropped", Joined(pieces.Skip(1)));
            bool isOrdered = separator is @"\\" or "&"
                || (separator == "," && parts.Groups["open"].Value is { Length: > 0 } open && !open.EndsWith('{'));
            if (isOrdered && pieces[0] != pieces[1])
            {
                yield return new Alteration("elements swapped", Joined([pieces[1], pieces[0], .. pieces.Skip(2)]));
            }

            if (isOrdered && separator == ",")
            {
                yield return new Alteration(
                    "bracket",
                    (reference.Contains('[', StringComparison.Ordinal) ? reference.Replace('[', '(') : reference.Replace('(', '[')));
            }

            break;
        }
    }

    private static bool IsScalar(string reference) =>
        MathAnswerParser.Parse(reference) is not (TupleAnswer or UnionAnswer or MatrixAnswer or RelationAnswer)
        && !Collection().IsMatch(reference)
            && (AnswerSplitter.Split(reference, ",").Pieces.Count == 1 || GroupedDigits().IsMatch(reference));

    private const string Skipped = @"\\(?:text|mbox|mathrm)\s*\{[^{}]*\}(?:\^\{?[0-9]\}?)?";

    [GeneratedRegex(Skipped + @"|(?<number>[0-9]+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?:^|[(\[,&={]|\\\\|\\in)\s*(?<at>)(?<minus>-\s*)?(?=[0-9]*[1-9]|[0-9]*\.[0-9]*[1-9]|\\frac|\\sqrt|[a-z](?![a-z]))")]
    private static partial Regex LeadingNumber();

    [GeneratedRegex(@"[1-9a-zA-Z]")]
    private static partial Regex NonZero();

    [GeneratedRegex(@"(?<=.)(?:[+-]|\\pm)")]
    private static partial Regex Sum();

    [GeneratedRegex(@"^[0-9]+\s*\\frac|\\(?:text|mbox)|\\\$")]
    private static partial Regex MixedNumber();

    [GeneratedRegex(
        @"\\[dt]?frac\s*(?:\{(?<top>(?:[^{}]|\{[^{}]*\})*)\}|(?<top>[0-9]))\s*(?:\{(?<bottom>(?:[^{}]|\{[^{}]*\})*)\}|(?<bottom>[0-9]))|(?<top>[0-9]+)/(?<bottom>[0-9]+)")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\\(?:text|mbox|mathrm)\s*\{(?<word>[^{}]*)\}(?:\^\{?[0-9]\}?)?|\\[a-zA-Z]+|(?<letter>[a-zA-Z])")]
    private static partial Regex Letter();

    [GeneratedRegex(@"\\sqrt\s*(?:\{([^{}]*)\}|([0-9]))")]
    private static partial Regex Root();

    [GeneratedRegex(
        @"^(?<open>\s*(?:\\begin\{[a-z]+\}|[a-zA-Z]\s*\\in\s*(?:\\left)?\s*[(\[]|(?:\\left)?\s*(?:[(\[]|\\\{)(?![^\[\]()]*[)\]]\s*\\cup))?)(?<inner>.*?)(?<close>(?:\\end\{[a-z]+\}|(?<!\\cup.*)(?:\\right)?\s*(?:[)\]]|\\\}))?\s*)$")]
    private static partial Regex Enclosure();

    [GeneratedRegex(@"[0-9](?:,|,\s*\\!|\\!,)\s*[0-9]{3}(?![0-9])")]
    private static partial Regex GroupedDigits();

    [GeneratedRegex(@"=|\\\{|\\in(?![a-z])|\\begin")]
    private static partial Regex Collection();
}
