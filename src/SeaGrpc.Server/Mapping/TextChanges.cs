using System.Text;
using SeaGrpc.Alignment;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>The differences between two texts, word by word: a longest common subsequence of words, spaces and punctuation.</summary>
internal static class TextChanges
{
    /// <summary>Above this number of comparisons, everything between the common start and end is one change.</summary>
    private const int MaxCells = 4_000_000;

    /// <summary>The changes from draft to text, in order. Offsets count Unicode code points.</summary>
    public static IEnumerable<ChangedSpan> Between(string draft, string text)
    {
        if (draft == text)
        {
            yield break;
        }

        string[] before = Words(draft);
        string[] after = Words(text);
        int beforeAt = 0;
        int afterAt = 0;
        int draftOffset = 0;
        int offset = 0;
        foreach ((int beforeKept, int afterKept) in Kept(before, after).Append((before.Length, after.Length)))
        {
            int removed = Length(before, beforeAt, beforeKept);
            int added = Length(after, afterAt, afterKept);
            if (removed > 0 || added > 0)
            {
                yield return new ChangedSpan
                {
                    Start = offset,
                    End = offset
                    + added,
                    DraftStart = draftOffset,
                    DraftEnd = draftOffset
                    + removed
                };
            }

            int kept = beforeKept < before.Length ? CodePoints(before[beforeKept]) : 0;
            draftOffset += removed + kept;
            offset += added + kept;
            (beforeAt, afterAt) = (beforeKept + 1, afterKept + 1);
        }
    }

    /// <summary>Splits into runs of letters and digits, and single code points for everything else.</summary>
    private static string[] Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(rune.ToString());
                continue;
            }

            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            words.Add(rune.ToString());
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return [.. words];
    }

    /// <summary>Pairs of indices of the words that stay, in order.</summary>
    private static IEnumerable<(int Before, int After)> Kept(string[] before, string[] after)
    {
        int start = 0;
        int shorter = Math.Min(before.Length, after.Length);
        while (start < shorter && before[start] == after[start])
        {
            yield return (start, start);
            start++;
        }

        int end = 0;
        while (end < shorter - start && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }

        int rows = before.Length - start - end;
        int columns = after.Length - start - end;
        if ((long)rows * columns <= MaxCells)
        {
            foreach ((int row, int column) in CommonSubsequence.Of<string>(before.AsSpan(start, rows), after.AsSpan(start, columns)))
            {
                yield return (start + row, start + column);
            }
        }

        for (int index = end; index > 0; index--)
        {
            yield return (before.Length - index, after.Length - index);
        }
    }

    private static int Length(string[] words, int from, int to)
    {
        int length = 0;
        for (int index = from; index < to; index++)
        {
            length += CodePoints(words[index]);
        }

        return length;
    }

    private static int CodePoints(string word)
    {
        int count = 0;
        foreach (Rune unused in word.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
