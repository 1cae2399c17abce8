using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>Determines the kind of an answer and parses it.</summary>
internal static partial class MathAnswerParser
{
    /// <summary>A longer answer is compared literally.</summary>
    private const int MaxCharacters = 1000;

    private const int MaxDepth = 6;

    private static readonly string[] Relations = [@"\le", @"\ge", @"\ne", "<=", ">=", "=", "<", ">"];

    /// <summary>Parses an answer.</summary>
    /// <param name="answer">As it stands in its box.</param>
    public static MathAnswer Parse(string answer) => Parse(LatexText.Clean(answer), MaxDepth);

    private static MathAnswer Parse(string text, int depth)
    {
        if (depth == 0 || text.Length > MaxCharacters)
        {
            return Opaque(text);
        }

        if (LatexText.Words(text) is { Length: > 0 } words)
        {
            return new TextAnswer(words);
        }

        return Membership(text) is { } set ? Parse(set, depth - 1)
            : Union(text, depth)
            ?? Matrix(text, depth)
            ?? Relation(text, depth)
            ?? Enclosed(text, depth)
            ?? List(text, depth)
            ?? Scalar(text);
    }

    /// <summary>x \in S is answered by S.</summary>
    private static string? Membership(string text) =>
        AnswerSplitter.Split(text, @"\in") is ({ Count: 2 } pieces, _) && Variable().IsMatch(pieces[0]) ? pieces[1] : null;

    private static UnionAnswer? Union(string text, int depth) =>
        AnswerSplitter.Split(text, @"\cup") is ({ Count: > 1 } pieces, _)
            ? new UnionAnswer([.. pieces.Select(piece => Parse(piece, depth - 1))])
            : null;

    private static MatrixAnswer? Matrix(string text, int depth) => MatrixForm().Match(text) is { Success: true } match
        ? new MatrixAnswer([.. match.Groups["rows"].Value.Split(@"\\").Select(row => row.Trim()).Where(row => row.Length > 0)
            .Select(row => (IReadOnlyList<MathAnswer>)[.. row.Split('&').Select(cell => Parse(cell.Trim(), depth - 1))])])
        : null;

    /// <summary>x = 5 is answered by 5, and f(x) = x by x; other equations stay whole.</summary>
    private static MathAnswer? Relation(string text, int depth)
    {
        (List<string> pieces, List<string> relations) = AnswerSplitter.Split(text, Relations);
        if (relations.Count == 0 || AnswerSplitter.Split(text, ",") is ({ Count: > 1 }, _))
        {
            return null;
        }

        return relations is ["="]
            && NamedValue().IsMatch(pieces[0])
            && !(pieces[0] is "y" && pieces[1].Contains('x', StringComparison.Ordinal))
            ? Parse(pieces[1], depth - 1)
            : new RelationAnswer([.. pieces.Select(piece => Parse(piece, depth - 1))], [.. relations.Select(Plain)]);
    }

    private static string Plain(string relation) => relation switch { "<=" => @"\le", ">=" => @"\ge", _ => relation };

    private static MathAnswer? Enclosed(string text, int depth)
    {
        bool isSet = text.StartsWith(@"\{", StringComparison.Ordinal) && text.EndsWith(@"\}", StringComparison.Ordinal);
        if (text.Length < 2 || !(isSet || (text[0] is '(' or '[' && text[^1] is ')' or ']')) || !AnswerSplitter.IsEnclosed(text))
        {
            return null;
        }

        string inner = isSet ? text[2..^2] : text[1..^1];
        List<string> pieces = AnswerSplitter.Split(inner, ",").Pieces;
        return isSet ? Set(pieces, depth)
            : pieces.Count > 1 ? new TupleAnswer(text[0], text[^1], [.. pieces.Select(piece => Parse(piece, depth - 1))])
            : null;
    }

    private static SetAnswer? List(string text, int depth) =>
        !Thousands().IsMatch(text) && AnswerSplitter.Split(text, ",") is ({ Count: > 1 } pieces, _) ? Set(pieces, depth) : null;

    private static SetAnswer Set(List<string> pieces, int depth) =>
        new(
            [.. pieces.Select(piece => Parse(piece, depth - 1))
                .SelectMany(answer => answer is SetAnswer inner ? inner.Elements : [answer])]);

    /// <summary>One formula; with \pm or \mp it is two.</summary>
    private static MathAnswer Scalar(string text)
    {
        string formula = Thousands().IsMatch(text) ? text.Replace(",", "", StringComparison.Ordinal) : text;
        MathExpression? upper = ExpressionParser.TryParse(formula, upperSigns: true);
        if (upper is null)
        {
            return Opaque(text);
        }

        return EitherSign().IsMatch(formula) && ExpressionParser.TryParse(formula, upperSigns: false) is { } lower
            ? new SetAnswer([new ScalarAnswer(upper), new ScalarAnswer(lower)])
            : new ScalarAnswer(upper);
    }

    private static OpaqueAnswer Opaque(string text) => new(string.Concat(text.Where(letter => !char.IsWhiteSpace(letter))));

    [GeneratedRegex(@"^[a-zA-Z]$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(?:[a-zA-Z](?:_\{?[0-9A-Za-z_]+\}?)?|[a-zA-Z]\([a-zA-Z]\)|\\[a-z]+)$")]
    private static partial Regex NamedValue();

    [GeneratedRegex(@"^[^0-9,]*[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?[^0-9,]*$")]
    private static partial Regex Thousands();

    [GeneratedRegex(@"\\(?:pm|mp)(?![a-zA-Z])")]
    private static partial Regex EitherSign();

    [GeneratedRegex(
        @"^\\begin\s*\{(?<kind>[pbvBV]?matrix|array)\}(?:\{[lcr|]+\})?(?<rows>.*)\\end\s*\{\k<kind>\}$", RegexOptions.Singleline)]
    private static partial Regex MatrixForm();
}
