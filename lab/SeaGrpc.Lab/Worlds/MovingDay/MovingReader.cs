namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>Reads what an answer's words say, exactly, whether the grammar generates it or not.</summary>
internal static class MovingReader
{
    /// <summary>
    /// Whether the grammar generates the words: one sentence about the visit, one to three about items, then at most one about the gate and
    /// at most one about the price.
    /// </summary>
    public static bool IsGrammatical(IReadOnlyList<string> words)
    {
        var kinds = new List<SentenceKind>();
        for (int at = 0; at < words.Count;)
        {
            if (MovingPlan.KindOf(words[at]) is not { } kind)
            {
                return false;
            }

            IReadOnlyList<MovingPlace> places = MovingPlan.Sentences[(int)kind];
            if (at + places.Count > words.Count || !places.Index().All(place => place.Item.Words.Contains(words[at + place.Index])))
            {
                return false;
            }

            kinds.Add(kind);
            at += places.Count;
        }

        return kinds.SequenceEqual(kinds.Order())
            && Count(SentenceKind.Visit) == 1
            && Count(SentenceKind.Item) is >= 1 and <= MovingPlan.MostItems
            && Count(SentenceKind.Gate) <= 1
            && Count(SentenceKind.Price) <= 1;

        int Count(SentenceKind kind) => kinds.Count(one => one == kind);
    }

    /// <summary>
    /// Which requirements the words meet, by <see cref="FactKind"/>: they name the slip's facts of the kind, each once, in its order, and
    /// no others.
    /// </summary>
    public static bool[] Requirements(MovingSlip slip, IReadOnlyList<string> words) =>
        [.. Enum.GetValues<FactKind>().Select(kind => words.Where(word => MovingPlan.FactOf(word) == kind).SequenceEqual(slip.Of(kind)))];

    /// <summary>Whether every word belongs to the world's language.</summary>
    public static bool KnowsAll(IReadOnlyList<string> words) => words.All(MovingPlan.Knows);

    /// <summary>
    /// What is wrong with the words: how many may not follow the word before them (the answer's beginning and end count as neighbours), and
    /// the least number of facts to change, add or drop for the slip's. No error means all good.
    /// </summary>
    public static (int Words, int Facts) Errors(MovingSlip slip, IReadOnlyList<string> words)
    {
        string?[] framed = [null, .. words, null];
        return (
            framed.Zip(framed.Skip(1), (before, word) => MovingPlan.MayFollow(before, word)).Count(may => !may),
            Distance(slip.Facts, [.. words.Where(word => MovingPlan.FactOf(word) is not null)]));
    }

    // Levenshtein's.
    private static int Distance(IReadOnlyList<string> expected, string[] named)
    {
        int[] above = [.. Enumerable.Range(0, named.Length + 1)];
        foreach (string fact in expected)
        {
            int[] row = new int[above.Length];
            row[0] = above[0] + 1;
            for (int at = 0; at < named.Length; at++)
            {
                row[at + 1] = Math.Min(above[at] + (named[at] == fact ? 0 : 1), 1 + Math.Min(row[at], above[at + 1]));
            }

            above = row;
        }

        return above[^1];
    }
}
