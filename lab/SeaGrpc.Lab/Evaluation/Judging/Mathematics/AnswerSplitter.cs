namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>Finds the parts of a formula that are outside all brackets.</summary>
internal static class AnswerSplitter
{
    private const string Begin = @"\begin";
    private const string End = @"\end";

    /// <summary>Splits at separators outside all brackets.</summary>
    /// <param name="text">The formula.</param>
    /// <param name="separators">What to cut at; longer ones first.</param>
    /// <returns>The pieces, and the separators between them.</returns>
    public static (List<string> Pieces, List<string> Separators) Split(string text, params string[] separators)
    {
        List<string> pieces = [];
        List<string> found = [];
        int start = 0;
        foreach (int at in Outside(text))
        {
            if (at < start || separators.FirstOrDefault(separator => IsAt(text, at, separator)) is not { } hit)
            {
                continue;
            }

            pieces.Add(text[start..at].Trim());
            found.Add(hit);
            start = at + hit.Length;
        }

        pieces.Add(text[start..].Trim());
        return (pieces, found);
    }

    /// <summary>Whether the first bracket's partner is the last character. An interval's brackets need not be of one kind.</summary>
    public static bool IsEnclosed(string text)
    {
        int skip = text.StartsWith(@"\{", StringComparison.Ordinal) ? 2 : 1;
        return text.Length >= 2
            && Depths(text).TakeWhile(place => place.At < text.Length - 1).All(place => place.At < skip || place.Depth > 0)
            && Depths(text).Last().Depth == 0;
    }

    private static bool IsAt(string text, int at, string separator) =>
        string.CompareOrdinal(text, at, separator, 0, separator.Length) == 0
        && !(char.IsAsciiLetter(separator[^1]) && at + separator.Length < text.Length && char.IsAsciiLetter(text[at + separator.Length]));

    private static IEnumerable<int> Outside(string text) => Depths(text).Where(place => place.Depth == 0).Select(place => place.At);

    /// <summary>Every character, and how many brackets are open after it.</summary>
    private static IEnumerable<(int At, int Depth)> Depths(string text)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            depth += text[at] switch
            {
                '(' or '[' or '{' => 1,
                ')' or ']' or '}' => -1,
                '\\' when IsAt(text, at, Begin) => 1,
                '\\' when IsAt(text, at, End) => -1,
                _ => 0,
            };
            yield return (at, depth);
        }
    }
}
