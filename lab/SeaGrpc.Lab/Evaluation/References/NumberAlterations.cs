using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.References;

/// <summary>Alters a number in several ways.</summary>
internal static class NumberAlterations
{
    private static readonly ExactRational One = new(1, 1);
    private static readonly ExactRational Half = new(1, 2);
    private static readonly ExactRational Ten = new(10, 1);

    /// <summary>Every alteration of a reference that changes its value.</summary>
    public static IEnumerable<Alteration> Of(string reference)
    {
        ExactRational value = FinalNumber.First(reference)!.Value;
        yield return new Alteration("plus one", $"{value + One}");
        yield return new Alteration("minus one", $"{value - One}");
        yield return new Alteration("plus a half", $"{value + Half}");
        yield return new Alteration("a digit more", $"{(value * Ten) + (value.Numerator.Sign < 0 ? -One : One)}");
        if (value.IsZero)
        {
            yield break;
        }

        yield return new Alteration("sign", $"{-value}");
        yield return new Alteration("ten times", $"{value * Ten}");
        if (value.Numerator != value.Denominator && -value.Numerator != value.Denominator)
        {
            yield return new Alteration("upside down", $"{One / value}");
        }
    }
}
