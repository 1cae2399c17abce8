using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Normalization;

/// <summary>Unicode's four normalisation forms.</summary>
/// <remarks>Source: Unicode Standard Annex 15, and chapter 3.12 of the standard for Hangul.</remarks>
internal static class UnicodeNormalization
{
    private const char FirstToCompose = '\u0300';
    private const char FirstToDecompose = '\u00A0';
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TailCount;

    /// <summary>The text in a form. It must not contain lone surrogates.</summary>
    internal static string Normalize(string text, UnicodeForm form)
    {
        var firstToChange = form == UnicodeForm.C ? FirstToCompose : FirstToDecompose;
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(firstToChange - 1)))
        {
            return text;
        }

        // 1. Decompose fully. 2. Sort the marks after each starter by class. 3. Compose from left to right, if the form requires it.
        var points = new List<int>(text.Length);
        var isCompatible = form is UnicodeForm.KC or UnicodeForm.KD;
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, isCompatible, points);
        }

        SortMarks(points);
        return ToText(form is UnicodeForm.C or UnicodeForm.KC ? Recompose(points) : points);
    }

    private static byte ClassOf(int codePoint) => NormalizationData.Instance.Classes.GetValueOrDefault(codePoint);

    private static void Decompose(int codePoint, bool isCompatible, List<int> points)
    {
        var syllable = codePoint - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            points.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            points.Add(VowelBase + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount > 0)
            {
                points.Add(TailBase + (syllable % TailCount));
            }
        }
        else if (isCompatible && NormalizationData.Instance.CompatibilityDecompositions.TryGetValue(codePoint, out var compatible))
        {
            points.AddRange(compatible);
        }
        else if (NormalizationData.Instance.Decompositions.TryGetValue(codePoint, out var parts))
        {
            points.AddRange(parts);
        }
        else
        {
            points.Add(codePoint);
        }
    }

    private static void SortMarks(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                // OrderBy is stable, so marks of the same class keep their order.
                var sorted = points.GetRange(start, end - start).OrderBy(ClassOf).ToArray();
                for (var i = 0; i < sorted.Length; i++)
                {
                    points[start + i] = sorted[i];
                }
            }

            start = end;
        }
    }

    private static List<int> Recompose(List<int> points)
    {
        var composed = new List<int>(points.Count);
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points)
        {
            var pointClass = ClassOf(point);

            // A mark is blocked from its starter by an earlier mark of the same or a higher class. A starter is blocked by anything.
            var adjacent = starter == composed.Count - 1;
            var blocked = !adjacent && (pointClass == 0 || lastClass >= pointClass);
            if (starter >= 0 && !blocked && TryPair(composed[starter], point, out var pair))
            {
                composed[starter] = pair;
                continue;
            }

            lastClass = pointClass;
            if (pointClass == 0)
            {
                starter = composed.Count;
            }

            composed.Add(point);
        }

        return composed;
    }

    private static string ToText(List<int> points)
    {
        var text = new StringBuilder(points.Count);
        Span<char> units = stackalloc char[2];
        foreach (var point in points)
        {
            text.Append(units[..new Rune(point).EncodeToUtf16(units)]);
        }

        return text.ToString();
    }

    private static bool TryPair(int first, int second, out int pair)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            pair = SyllableBase + (((lead * VowelCount) + vowel) * TailCount);
            return true;
        }

        var syllable = first - SyllableBase;
        var tail = second - TailBase;
        if (syllable is >= 0 and < SyllableCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            pair = first + tail;
            return true;
        }

        return NormalizationData.Instance.Compositions.TryGetValue((first, second), out pair);
    }
}
