using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// What a reward model reads after (a part of) its prefix, a row for each answer, and where in it each answer's tokens stand. Plain
/// numbers.
/// </summary>
internal sealed class RewardInputs
{
    private readonly int[][] _rows;

    private RewardInputs(int kept, int[][] rows, int[][] places)
    {
        _rows = rows;
        Kept = kept;
        Width = rows.Max(row => row.Length);
        Places = places;
    }

    /// <summary>How many of the prefix's ids are read before them.</summary>
    public int Kept { get; }

    /// <summary>Ids in each row.</summary>
    public int Width { get; }

    /// <summary>Ids [rows, width], row by row; padding stands at the end, where nothing sees it.</summary>
    public long[] Ids => [.. _rows.SelectMany(row => row.Concat(Enumerable.Repeat(row[^1], Width - row.Length))).Select(id => (long)id)];

    /// <summary>Index of each row's last id.</summary>
    public long[] Ends => [.. _rows.Select(row => row.Length - 1L)];

    /// <summary>
    /// For each answer's tokens, and then its end, their index in the row; -1 where the model does not read a token, or reads others in its
    /// place.
    /// </summary>
    public IReadOnlyList<int[]> Places { get; }

    /// <summary>Of answers some of which are whole: the suffix follows them. One that is not is read as it stands so far.</summary>
    public static RewardInputs Of(RewardPrompt prompt, IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole)
    {
        AnswerReading?[] changed = [.. answers.Select(answer => prompt.Rewriting?.Read(answer))];
        int kept = changed.Min(reading => reading?.Kept ?? prompt.Prefix.Count);
        var rows = new int[answers.Count][];
        var places = new int[answers.Count][];
        for (int row = 0; row < rows.Length; row++)
        {
            AnswerReading reading = changed[row] ?? new AnswerReading(prompt.Prefix.Count, [.. answers[row], .. prompt.Suffix]);
            int[] ids = [.. prompt.Prefix.Skip(kept).Take(reading.Kept - kept), .. reading.Ids];
            int suffix = EndsWith(ids, prompt.Suffix) ? ids.Length - prompt.Suffix.Count : -1;
            int start = reading.Kept - kept;
            int end = Math.Max(start, suffix < 0 ? ids.Length : suffix);
            places[row] = [.. AnswerPlaces.Of(answers[row], ids.AsSpan(start, end - start), start), suffix];
            // Of an answer that continues, what there is of it; but something must be read.
            rows[row] = whole[row] || suffix <= 0 ? ids : ids[..suffix];
        }

        return new RewardInputs(kept, rows, places);
    }

    /// <summary>Of whole answers.</summary>
    public static RewardInputs Of(RewardPrompt prompt, HardResponses rows) =>
        Of(prompt, [.. Enumerable.Range(0, rows.Rows).Select(rows.Content)], [.. Enumerable.Repeat(true, rows.Rows)]);

    private static bool EndsWith(int[] ids, IReadOnlyList<int> suffix) =>
        ids.Length >= suffix.Count && ids.AsSpan(ids.Length - suffix.Count).SequenceEqual([.. suffix]);
}
