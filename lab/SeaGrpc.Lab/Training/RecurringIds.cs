namespace SeaGrpc.Lab.Training;

/// <summary>
/// Sequences of random ids, some of which recur; marks say at each id whether it stood before. A first stage of training on them
/// gives a small reward model the heads that compare a token with earlier ones, whichever token it is.
/// </summary>
/// <param name="begin">The id that begins a sequence.</param>
/// <param name="ids">The ids to draw from.</param>
/// <param name="seed">Seed of the sequences.</param>
public sealed class RecurringIds(int begin, IReadOnlyList<int> ids, int seed)
{
    private const int ShortestLength = 48;
    private const int LongestLength = 80;
    private const double RecurringShare = 0.4;

    private readonly Random _random = new(seed);

    /// <summary>Facts that the marks are about, and scores: none.</summary>
    public static (int Scores, int Subjects) Heads => (0, 1);

    /// <summary>The next sequence; the whole of it counts as response.</summary>
    public MarkedSequence Next()
    {
        var drawn = new int[_random.Next(ShortestLength, LongestLength + 1)];
        drawn[0] = begin;
        var marks = new List<TokenMark>();
        var seen = new HashSet<int>();
        for (var at = 1; at < drawn.Length; at++)
        {
            drawn[at] = at > 1 && _random.NextDouble() < RecurringShare ? drawn[_random.Next(1, at)] : ids[_random.Next(ids.Count)];
            marks.Add(new TokenMark(at, Subject: 0, Holds: !seen.Add(drawn[at])));
        }

        return new MarkedSequence(new TrainingSequence(drawn, ResponseStart: 1), [], marks);
    }
}
