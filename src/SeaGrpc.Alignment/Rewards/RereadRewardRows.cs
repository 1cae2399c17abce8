namespace SeaGrpc.Alignment.Rewards;

/// <summary>Growing answers, each of which is read from the end of the prompt on whenever it is scored.</summary>
/// <param name="score">Returns the rewards of answers, some of which are whole.</param>
/// <param name="committed">The tokens of each row.</param>
internal sealed class RereadRewardRows(Func<IReadOnlyList<IReadOnlyList<int>>, IReadOnlyList<bool>, float[]> score, List<int>[] committed)
    : IRewardRows
{
    public float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance) => score(Extend(tokens, advance), suffixed);

    /// <summary>Appends tokens to the rows, as reading them does, and returns what has to be scored for it.</summary>
    /// <param name="tokens">New ids of each row, without EOS.</param>
    /// <param name="advance">Number of the new tokens that stay.</param>
    public int[][] Extend(IReadOnlyList<int[]> tokens, int advance)
    {
        int[][] answers = Extended(tokens);
        for (int row = 0; row < committed.Length; row++)
        {
            committed[row].AddRange(tokens[row].Take(advance));
        }

        return answers;
    }

    /// <summary>What has to be scored if tokens are appended, without appending them.</summary>
    /// <param name="tokens">New ids of each row, without EOS.</param>
    public int[][] Extended(IReadOnlyList<int[]> tokens) => [.. committed.Select((own, row) => (int[])[.. own, .. tokens[row]])];

    public void Follow(IReadOnlyList<int[]> tokens)
    {
        foreach ((List<int> own, int[] next) in committed.Zip(tokens))
        {
            own.AddRange(next);
        }
    }

    /// <summary>A copy of a row's tokens, or of its first ones.</summary>
    public List<int> Copy(int row, int? length = null) => [.. committed[row].Take(length ?? int.MaxValue)];

    public void Dispose()
    {
    }
}
