using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Refusals;

/// <summary>The refusal classifier's features: the words at an answer's beginning, and the pairs of neighbouring words.</summary>
internal static partial class WordFeatures
{
    private const string Start = "<s>";
    private const int Words = 40;

    /// <summary>The different features of a text, in lower case; its beginning counts as a word.</summary>
    public static IReadOnlyCollection<string> Of(string text)
    {
        string straight = text.Replace('’', '\'').Replace('ʼ', '\'').ToLowerInvariant();
        string[] words = [Start, .. Word().Matches(straight).Take(Words).Select(match => match.Value)];
        return [.. words.Concat(words.Zip(words.Skip(1), (first, second) => $"{first} {second}")).Distinct(StringComparer.Ordinal)];
    }

    [GeneratedRegex("[a-z']+")]
    private static partial Regex Word();
}
