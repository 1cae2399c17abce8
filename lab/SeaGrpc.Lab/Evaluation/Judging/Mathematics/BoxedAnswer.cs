using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>The final answer of a worked solution: the last <c>\boxed{...}</c>, <c>\fbox{...}</c> or <c>\boxed 5</c>.</summary>
internal static partial class BoxedAnswer
{
    /// <summary>The last box's content, else what follows the last "the answer is"; null if there is neither.</summary>
    public static string? Find(string solution) => Last(solution) ?? Sentence(solution);

    /// <summary>The last box's content; null if no box is closed.</summary>
    public static string? Last(string solution)
    {
        foreach (Match box in Box().Matches(solution).Reverse())
        {
            int at = box.Index + box.Length;
            string? content = at < solution.Length && solution[at] == '{' ? Group(solution, at) : Word().Match(solution, at).Value;
            if (!string.IsNullOrWhiteSpace(content))
            {
                return content.Trim();
            }
        }

        return null;
    }

    /// <summary>What stands between a brace and its partner; escaped braces are text.</summary>
    /// <returns>Null where the partner is missing.</returns>
    private static string? Group(string text, int open)
    {
        int depth = 0;
        for (int at = open; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '{')
            {
                depth++;
            }
            else if (text[at] == '}' && --depth == 0)
            {
                return text[(open + 1)..at];
            }
        }

        return null;
    }

    private static string? Sentence(string solution) =>
        AnswerIs().Matches(solution).LastOrDefault() is { } match ? match.Groups[1].Value.Trim() : null;

    [GeneratedRegex(@"\\(?:boxed|fbox)(?![a-zA-Z])\s*")]
    private static partial Regex Box();

    [GeneratedRegex(@"\G[^\s$.,;]+(?:[.,][0-9]+)*")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?:the|final) answer is:?\s*([^\n]*?)\s*\.?\s*(?:\n|$)", RegexOptions.IgnoreCase)]
    private static partial Regex AnswerIs();
}
