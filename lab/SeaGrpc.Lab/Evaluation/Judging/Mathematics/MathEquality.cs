using System.Numerics;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>Whether two answers are equal: by kind, then by value.</summary>
internal static class MathEquality
{
    /// <summary>Number of points at which formulas that are not rational are compared.</summary>
    private const int Points = 3;

    /// <summary>Largest relative difference of equal values.</summary>
    private const double Tolerance = 1e-11;

    /// <summary>Compares two answers as they stand in their boxes.</summary>
    public static bool AreEqual(string reference, string answer)
    {
        string written = LatexText.Clean(answer);
        if (LatexText.Clean(reference) == written)
        {
            return true;
        }

        if (LatexText.Choice(reference) is { } choice)
        {
            return LatexText.Letters(written) == choice;
        }

        return MathAnswerParser.Parse(reference) switch
        {
            TextAnswer text => text.Letters == LatexText.Letters(written),
            MathAnswer other => AreEqual(other, MathAnswerParser.Parse(answer)),
        };
    }

    private static bool AreEqual(MathAnswer left, MathAnswer right) => (left, right) switch
    {
        (TextAnswer a, TextAnswer b) => a.Letters == b.Letters,
        (ScalarAnswer a, ScalarAnswer b) => AreEqual(a.Expression, b.Expression),
        (TupleAnswer a, TupleAnswer b) => a.Open == b.Open && a.Close == b.Close && InOrder(a.Elements, b.Elements),
        (SetAnswer a, SetAnswer b) => InAnyOrder(a.Elements, b.Elements),
        (UnionAnswer a, UnionAnswer b) => InAnyOrder(a.Parts, b.Parts),
        (MatrixAnswer a, MatrixAnswer b) =>
            a.Rows.Count == b.Rows.Count && a.Rows.Zip(b.Rows).All(rows => InOrder(rows.First, rows.Second)),
        (RelationAnswer a, RelationAnswer b) => AreEqual(a, b),
        (OpaqueAnswer a, OpaqueAnswer b) => a.Text == b.Text,
        (RelationAnswer a, ScalarAnswer b) => Solved(a) is { } value && AreEqual(value, b),
        (ScalarAnswer a, RelationAnswer b) => Solved(b) is { } value && AreEqual(a, value),
        _ => false,
    };

    private static bool InOrder(IReadOnlyList<MathAnswer> left, IReadOnlyList<MathAnswer> right) =>
        left.Count == right.Count && left.Zip(right).All(pair => AreEqual(pair.First, pair.Second));

    private static bool InAnyOrder(IReadOnlyList<MathAnswer> left, IReadOnlyList<MathAnswer> right)
    {
        List<MathAnswer> rest = [.. right];
        return left.Count == right.Count && left.All(element =>
        {
            int at = rest.FindIndex(other => AreEqual(element, other));
            if (at >= 0)
            {
                rest.RemoveAt(at);
            }

            return at >= 0;
        });
    }

    /// <summary>y = 2x is answered by 2x too.</summary>
    private static MathAnswer? Solved(RelationAnswer relation) =>
        relation is { Relations: ["="], Sides: [ScalarAnswer { Expression: SymbolExpression }, var value] } ? value : null;

    private static bool AreEqual(RelationAnswer left, RelationAnswer right)
    {
        if (Difference(left) is { } a && Difference(right) is { } b)
        {
            return AreProportional(a, b);
        }

        return AsWritten(left, right) || AsWritten(Mirrored(left), right);
    }

    private static bool AsWritten(RelationAnswer left, RelationAnswer right) =>
        left.Relations.SequenceEqual(right.Relations) && InOrder(left.Sides, right.Sides);

    private static RelationAnswer Mirrored(RelationAnswer relation) => new(
        [.. relation.Sides.Reverse()],
        [.. relation.Relations.Reverse()
            .Select(sign => sign switch { "<" => ">", ">" => "<", @"\le" => @"\ge", @"\ge" => @"\le", _ => sign })]);

    private static BinaryExpression? Difference(RelationAnswer relation) =>
        relation is { Relations: ["="], Sides: [ScalarAnswer left, ScalarAnswer right] }
            ? new BinaryExpression('-', left.Expression, right.Expression)
            : null;

    /// <summary>Equations are the same when their differences of sides are multiples of each other.</summary>
    private static bool AreProportional(MathExpression left, MathExpression right)
    {
        Complex[] ratios = [.. Enumerable.Range(0, Points).Select(point => left.At(point) / right.At(point))];
        return Complex.IsFinite(ratios[0]) && ratios[0] != Complex.Zero && ratios.All(ratio => AreClose(ratio, ratios[0]));
    }

    /// <summary>Exactly where both are rational, else at points; values beyond any number are equal where the formulas are.</summary>
    private static bool AreEqual(MathExpression left, MathExpression right) => (left.Exact, right.Exact) is ({ } a, { } b)
        ? a == b
        : left == right || Enumerable.Range(0, Points).All(point => AreClose(left.At(point), right.At(point)));

    private static bool AreClose(Complex left, Complex right) => Complex.IsFinite(left) && Complex.IsFinite(right)
        && Complex.Abs(left - right) <= Tolerance * Math.Max(Tolerance, Math.Max(Complex.Abs(left), Complex.Abs(right)));
}
