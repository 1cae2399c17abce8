namespace SeaGrpc.Alignment.Rewards;

/// <summary>Growing answers of which each is read from the prompt on whenever it is scored.</summary>
/// <param name="score">The rewards of answers, some of which are whole.</param>
/// <param name="committed">What each row has.</param>
internal sealed class RereadRewardRows(Func<IReadOnlyList<IReadOnlyList<int>>, IReadOnlyList<bool>, float[]> score, List<int>[] committed)
    : IRewardRows
{
    public float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance)
    {
        int[][] answers = [.. committed.Select((own, row) => (int[])[.. own, .. tokens[row]])];
        for (int row = 0; row < committed.Length; row++)
        {
            committed[row].AddRange(tokens[row].Take(advance));
        }

        return score(answers, suffixed);
    }

    public void Follow(IReadOnlyList<int> tokens) => Array.ForEach(committed, own => own.AddRange(tokens));

    /// <summary>A row's tokens, to continue from: its first ones where a number is given.</summary>
    public List<int> Copy(int row, int? length = null) => [.. committed[row].Take(length ?? int.MaxValue)];

    public void Dispose()
    {
    }
}
