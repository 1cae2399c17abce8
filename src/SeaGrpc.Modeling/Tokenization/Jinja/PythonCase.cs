using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Python's case conversions, which may change a text's length.</summary>
internal static class PythonCase
{
    private const int Sigma = 0x3A3;

    internal static string Upper(string text) => Map(text, (points, i) => PythonCharacters.Upper(points[i]));

    internal static string Lower(string text) => Map(text, LowerAt);

    internal static string Fold(string text) => Map(text, (points, i) => PythonCharacters.Fold(points[i]));

    internal static string Capitalize(string text) =>
        Map(text, (points, i) => i == 0 ? PythonCharacters.Title(points[0]) : LowerAt(points, i));

    internal static string Swap(string text) => Map(text, (points, i) => PythonCharacters.IsUpper(points[i]) ? LowerAt(points, i)
            : PythonCharacters.IsLower(points[i]) ? PythonCharacters.Upper(points[i])
            : CodePoints.Of(points[i]));

    /// <summary>Title case: every letter after a non-letter is a capital.</summary>
    internal static string Title(string text) => Map(text, (points, i) =>
        i > 0 && PythonCharacters.IsCased(points[i - 1]) ? LowerAt(points, i) : PythonCharacters.Title(points[i]));

    /// <summary>Whether there are cased letters and all of them are of one kind.</summary>
    internal static bool AllAre(string text, Func<int, bool> wanted, Func<int, bool> other)
    {
        var found = false;
        foreach (var point in Points(text))
        {
            if (other(point) || PythonCharacters.IsTitle(point))
            {
                return false;
            }

            found |= wanted(point);
        }

        return found;
    }

    /// <summary>Whether capitals occur at the starts of words and nowhere else.</summary>
    internal static bool IsTitled(string text)
    {
        var (found, inWord) = (false, false);
        foreach (var point in Points(text))
        {
            var begins = PythonCharacters.IsUpper(point) || PythonCharacters.IsTitle(point);
            if (begins ? inWord : PythonCharacters.IsLower(point) && !inWord)
            {
                return false;
            }

            inWord = begins || PythonCharacters.IsLower(point);
            found |= inWord;
        }

        return found;
    }

    internal static List<int> Points(string text)
    {
        var points = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            points.Add(isPair ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i]);
            i += isPair ? 1 : 0;
        }

        return points;
    }

    private static string Map(string text, Func<List<int>, int, string> map)
    {
        var points = Points(text);
        var mapped = new StringBuilder(text.Length);
        for (var i = 0; i < points.Count; i++)
        {
            mapped.Append(map(points, i));
        }

        return mapped.ToString();
    }

    private static string LowerAt(List<int> points, int i) =>
        points[i] == Sigma ? EndsWord(points, i) ? "ς" : "σ" : PythonCharacters.Lower(points[i]);

    // A sigma that follows a letter and precedes none, ignoring marks in between.
    private static bool EndsWord(List<int> points, int i)
    {
        var before = i - 1;
        while (before >= 0 && PythonCharacters.IsIgnoredByCase(points[before]))
        {
            before--;
        }

        var after = i + 1;
        while (after < points.Count && PythonCharacters.IsIgnoredByCase(points[after]))
        {
            after++;
        }

        return before >= 0
            && PythonCharacters.IsCased(points[before])
            && !(after < points.Count && PythonCharacters.IsCased(points[after]));
    }
}
