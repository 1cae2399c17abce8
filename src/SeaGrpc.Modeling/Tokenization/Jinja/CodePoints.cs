using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Positions in a text, counted in code points as in Python.</summary>
internal static class CodePoints
{
    internal static int Count(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    /// <summary>Whether code points and UTF-16 units have the same positions in the text.</summary>
    internal static bool AreUnits(string text) => !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    /// <summary>Converts a position from UTF-16 units to code points; -1 stays.</summary>
    internal static long FromUnits(string text, int unit) => unit <= 0 || AreUnits(text) ? unit : Count(text[..unit]);

    /// <summary>Converts a position in the text from code points to UTF-16 units.</summary>
    internal static int ToUnits(string text, long place)
    {
        if (AreUnits(text))
        {
            return (int)place;
        }

        var unit = 0;
        for (; place > 0; place--)
        {
            unit += unit + 1 < text.Length && char.IsSurrogatePair(text[unit], text[unit + 1]) ? 2 : 1;
        }

        return unit;
    }

    /// <summary>
    /// A range as in Python's methods (negative from the end, clipped to the text), in UTF-16 units; null if it starts after the end.
    /// </summary>
    internal static (int Start, int End)? Range(string text, long? start, long? end)
    {
        var count = Count(text);
        var last = Math.Clamp(end is { } stop ? stop < 0 ? stop + count : stop : count, 0, count);
        var first = start is { } begin ? Math.Max(0, begin < 0 ? begin + count : begin) : 0;
        return first > last ? null : (ToUnits(text, first), ToUnits(text, last));
    }

    /// <summary>The code points, each as a string.</summary>
    internal static IEnumerable<string> Of(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            yield return text.Substring(i, isPair ? 2 : 1);
            i += isPair ? 1 : 0;
        }
    }

    /// <summary>Compares by code points, which differs from the order of UTF-16 units.</summary>
    internal static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        var same = left.AsSpan(0, length).CommonPrefixLength(right);
        return same == length ? left.Length.CompareTo(right.Length) : Rank(left[same]).CompareTo(Rank(right[same]));
    }

    internal static string Of(int codePoint) => Rune.IsValid(codePoint) ? new Rune(codePoint).ToString() : ((char)codePoint).ToString();

    // Surrogates rank after all other units.
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
