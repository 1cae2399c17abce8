using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// What a reward model reads after its prefix (or part of it), one row per answer, and the positions of each answer's tokens in it. Plain
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

    /// <summary>Number of the prefix's ids that are read before the rows.</summary>
    public int Kept { get; }

    /// <summary>Number of ids in each row.</summary>
    public int Width { get; }

    /// <summary>Ids [rows, width], row by row. Padding is at the end, where nothing sees it.</summary>
    public long[] Ids => [.. _rows.SelectMany(row => row.Concat(Enumerable.Repeat(row[^1], Width - row.Length))).Select(id => (long)id)];

    /// <summary>Index of each row's last id.</summary>
    public long[] Ends => [.. _rows.Select(row => row.Length - 1L)];

    /// <summary>
    /// For each of an answer's tokens, and its end, the index in the row; -1 if the model does not read the token or reads others instead.
    /// </summary>
    public IReadOnlyList<int[]> Places { get; }

    /// <summary>The inputs for answers some of which are whole. The suffix follows these. The others are read as they are so far.</summary>
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
            // If an answer continues, only its tokens so far are read, but at least one id.
            rows[row] = whole[row] || suffix <= 0 ? ids : ids[..suffix];
        }

        return new RewardInputs(kept, rows, places);
    }

    /// <summary>The inputs for whole answers.</summary>
    public static RewardInputs Of(RewardPrompt prompt, HardResponses rows) =>
        Of(prompt, rows.Contents(), [.. Enumerable.Repeat(true, rows.Rows)]);

    private static bool EndsWith(int[] ids, IReadOnlyList<int> suffix) =>
        ids.Length >= suffix.Count && ids.AsSpan(ids.Length - suffix.Count).SequenceEqual([.. suffix]);
}
