using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Operations of Python's str that several methods or filters use.</summary>
internal static class PythonText
{
    /// <summary>The text of a value, marked as safe or not; null for other values.</summary>
    internal static string? Of(object? value) => value as string ?? (value as JinjaMarkup)?.Text;

    internal static bool All(string text, Func<int, bool> belongs) =>
        text.Length > 0 && PythonCase.Points(text).TrueForAll(c => belongs(c));

    /// <summary>The text without certain characters at its ends; without white space if none are given.</summary>
    internal static string Strip(string text, string? characters, bool left, bool right)
    {
        var points = PythonCase.Points(text);
        var set = characters is null ? null : PythonCase.Points(characters).ToHashSet();
        var (start, end) = (0, points.Count);
        while (left && start < end && Belongs(points[start]))
        {
            start++;
        }

        while (right && end > start && Belongs(points[end - 1]))
        {
            end--;
        }

        return string.Concat(points[start..end].Select(CodePoints.Of));

        bool Belongs(int c) => set?.Contains(c) ?? PythonCharacters.IsSpace(c);
    }

    /// <summary>
    /// Replaces at most a number of occurrences, or all if negative. An empty text occurs before every character and at the end.
    /// </summary>
    internal static string Replace(string text, string old, string with, long count, JinjaBudget budget)
    {
        budget.Search(text, old);
        var replaced = new StringBuilder();
        var start = 0;
        for (var at = 0; count != 0 && Find(at) is var found and >= 0; count--)
        {
            JinjaBudget.CheckLength((long)replaced.Length + (found - start) + with.Length);
            budget.Spend();
            replaced.Append(text, start, found - start).Append(with);
            start = found + old.Length;
            at = old.Length > 0 ? start : start + (char.IsSurrogatePair(text + "\0\0", start) ? 2 : 1);
        }

        JinjaBudget.CheckLength((long)replaced.Length + text.Length - start);
        return replaced.Append(text, start, text.Length - start).ToString();

        int Find(int at) => at > text.Length ? -1 : text.IndexOf(old, at, StringComparison.Ordinal);
    }

    internal static List<string> Lines(string text, bool keepsEnds)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && !PythonCharacters.EndsLine(text[end]))
            {
                end++;
            }

            var next = end == text.Length ? end : end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            lines.Add(text[start..(keepsEnds ? next : end)]);
            start = next;
        }

        return lines;
    }

    /// <summary>The words between white space, with at most a number of splits if not negative.</summary>
    internal static List<string> Words(string text, long limit, bool fromRight)
    {
        var parts = new List<string>();
        var (start, end) = (0, text.Length);
        while (true)
        {
            while (start < end && PythonCharacters.IsSpace(text[fromRight ? end - 1 : start]))
            {
                _ = fromRight ? end-- : start++;
            }

            if (start == end)
            {
                break;
            }

            var (from, to) = (start, end);
            if (parts.Count != limit)
            {
                while (from < to && !PythonCharacters.IsSpace(text[fromRight ? to - 1 : from]))
                {
                    _ = fromRight ? to-- : from++;
                }
            }
            else
            {
                parts.Add(text[start..end]);
                break;
            }

            parts.Add(fromRight ? text[to..end] : text[start..from]);
            (start, end) = fromRight ? (start, to) : (from, end);
        }

        if (fromRight)
        {
            parts.Reverse();
        }

        return parts;
    }

    internal static List<string> Split(string text, string separator, long limit, bool fromRight)
    {
        if (separator.Length == 0)
        {
            throw JinjaFault.Because("split is given an empty separator");
        }

        var all = text.Split(separator);
        if (limit < 0 || all.Length <= limit + 1)
        {
            return fromRight ? SplitFromRight(text, separator, long.MaxValue) : [.. all];
        }

        var kept = (int)limit;
        return fromRight ? SplitFromRight(text, separator, limit) : [.. all[..kept], string.Join(separator, all[kept..])];
    }

    // A separator that overlaps itself is found at different positions from the right.
    private static List<string> SplitFromRight(string text, string separator, long limit)
    {
        var parts = new List<string>();
        var end = text.Length;
        while (parts.Count < limit && text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal) is var at and >= 0)
        {
            parts.Add(text[(at + separator.Length)..end]);
            end = at;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    internal static string Pad(string text, long width, string fill, bool left, bool right)
    {
        var missing = width - CodePoints.Count(text);
        if (missing <= 0)
        {
            return text;
        }

        JinjaBudget.CheckLength(text.Length + (missing * fill.Length));

        // Python's center puts the extra character on the left if the width is odd.
        var before = left && right ? (missing / 2) + (missing & width & 1) : left ? missing : 0;
        return Repeat(fill, before) + text + Repeat(fill, missing - before);
    }

    internal static string Repeat(string text, long count) => string.Concat(Enumerable.Repeat(text, (int)count));

    internal static string ExpandTabs(string text, long size)
    {
        var expanded = new StringBuilder();
        long column = 0;
        foreach (var c in CodePoints.Of(text))
        {
            if (c == "\t")
            {
                var spaces = size > 0 ? size - (column % size) : 0;
                JinjaBudget.CheckLength(expanded.Length + spaces);
                expanded.Append(' ', (int)spaces);
                column += spaces;
            }
            else
            {
                expanded.Append(c);
                column = c is "\n" or "\r" ? 0 : column + 1;
            }
        }

        return expanded.ToString();
    }

    internal static string FillZeros(string text, long width)
    {
        var missing = width - CodePoints.Count(text);
        if (missing <= 0)
        {
            return text;
        }

        JinjaBudget.CheckLength(text.Length + missing);
        var zeros = new string('0', (int)missing);
        return text is ['+' or '-', ..] ? text[0] + zeros + text[1..] : zeros + text;
    }
}
