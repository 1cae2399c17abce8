using System.Text;
using System.Text.RegularExpressions;
using SeaGrpc.Modeling.Tokenization.Characters;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A literal text or regular expression of tokenizer.json, to be found in texts.</summary>
/// <remarks>
/// .NET's expressions operate on UTF-16 units and .NET's Unicode version, but the patterns are written for Oniguruma. So
/// <see cref="ShownText"/> transforms texts and <see cref="WordClasses"/> rewrites word classes.
/// </remarks>
internal sealed class TextPattern
{
    // Their meaning differs between the dialects, or they would match the characters that replace others.
    private static readonly (string Text, string Name)[] Refused =
    [
        ("&&", "set operations of character classes"), ("[:", "a named class in brackets"), ("-[", "a subtraction of character classes"),
        ("(?m", "the option m"), ("(?s", "the option s"), ("(?x", "the option x"),
    ];

    private readonly string? _literal;
    private readonly Regex? _regex;

    private readonly string _source;

    private TextPattern(string source, Regex? regex)
    {
        _source = source;
        _literal = regex is null ? source : null;
        _regex = regex;
    }

    /// <summary>A literal text.</summary>
    internal static TextPattern Literal(string text) => new(text, null);

    /// <summary>A regular expression.</summary>
    /// <exception cref="ArgumentException">.NET cannot read the pattern with the same meaning.</exception>
    internal static TextPattern Expression(string pattern)
    {
        if (Array.Find(Refused, entry => pattern.Contains(entry.Text, StringComparison.Ordinal)) is { Text: not null } refused)
        {
            throw new ArgumentException($"it uses {refused.Name}");
        }

        if (pattern.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            throw new ArgumentException("it names characters above U+FFFF");
        }

        return new TextPattern(pattern, Compile(WordClasses.Rewrite(PossessiveQuantifiers.Rewrite(pattern))));
    }

    // Linear in the length of the text if the pattern allows it (no lookaround, no atomic group), otherwise with a time limit.
    private static Regex Compile(string pattern)
    {
        const RegexOptions options = RegexOptions.CultureInvariant | RegexOptions.Multiline;
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, options | RegexOptions.Compiled, PatternBudget.MatchLimit);
        }
    }

    /// <summary>The matches, from left to right, without overlaps.</summary>
    internal IEnumerable<(int Start, int End)> Matches(string text) => _regex is null ? LiteralMatches(text) : ExpressionMatches(text);

    /// <summary>The text with every match replaced.</summary>
    internal string Replace(string text, string content)
    {
        if (_literal is { Length: > 0 })
        {
            return text.Replace(_literal, content, StringComparison.Ordinal);
        }

        var replaced = new StringBuilder(text.Length);
        var end = 0;
        foreach (var match in Matches(text))
        {
            replaced.Append(text, end, match.Start - end).Append(content);
            end = match.End;
        }

        return replaced.Append(text, end, text.Length - end).ToString();
    }

    private IEnumerable<(int Start, int End)> LiteralMatches(string text)
    {
        for (var at = 0; _literal!.Length > 0 && (at = text.IndexOf(_literal, at, StringComparison.Ordinal)) >= 0; at += _literal.Length)
        {
            yield return (at, at + _literal.Length);
        }
    }

    private IEnumerable<(int Start, int End)> ExpressionMatches(string text)
    {
        var (shown, offsets) = ShownText.Of(text);
        var budget = PatternBudget.Current;
        for (var match = Within(budget, () => _regex!.Match(shown)); match.Success; match = Within(budget, match.NextMatch))
        {
            var end = match.Index + match.Length;
            yield return offsets is null ? (match.Index, end) : (offsets[match.Index], offsets[end]);
        }
    }

    private Match Within(PatternBudget budget, Func<Match> find)
    {
        try
        {
            var (match, hasTime) = budget.Spend(find);
            return hasTime ? match : throw TooSlow(null);
        }
        catch (RegexMatchTimeoutException slow)
        {
            throw TooSlow(slow);
        }
    }

    private TokenizationException TooSlow(Exception? cause) => new(
        $"The pattern {_source} of tokenizer.json takes too long on this text (a text may take {PatternBudget.TextLimit.TotalSeconds} s, "
        + $"one match {PatternBudget.MatchLimit.TotalSeconds} s): send another text, or fix the pattern.",
        cause);
}
