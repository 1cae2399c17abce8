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

    /// <summary>Which requirements the words meet, by <see cref="FactKind"/>: they name the slip's facts of the kind, each once, in its order,
    /// and no others.</summary>
    public static bool[] Requirements(MovingSlip slip, IReadOnlyList<string> words) =>
        [.. Enum.GetValues<FactKind>().Select(kind => words.Where(word => MovingPlan.FactOf(word) == kind).SequenceEqual(slip.Of(kind)))];

    /// <summary>Whether every word belongs to the world's language.</summary>
    public static bool KnowsAll(IReadOnlyList<string> words) => words.All(MovingPlan.Knows);

    /// <summary>
    /// What is wrong with the words, counted where it shows: neighbouring words of which the second may not follow the first, and facts that
    /// do not follow the one named before on the slip. The answer's beginning and end count as neighbours. No error means all good.
    /// </summary>
    public static (int Words, int Facts) Errors(MovingSlip slip, IReadOnlyList<string> words)
    {
        string?[] framed = [null, .. words, null];
        string?[] facts = [null, .. words.Where(word => MovingPlan.FactOf(word) is not null), null];
        return (
            framed.Zip(framed.Skip(1), (before, word) => MovingPlan.MayFollow(before, word)).Count(may => !may),
            facts.Zip(facts.Skip(1), slip.MayFollow).Count(may => !may));
    }
}
