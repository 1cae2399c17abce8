namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>Growing answers as a reward model reads their texts.</summary>
/// <param name="state">The reward.</param>
/// <param name="answers">The policy's ids of each answer so far.</param>
/// <param name="readings">What was last read of each, or null; taken over.</param>
internal sealed class TextRewardRows(TextRewardState state, List<int>[] answers, TextReading?[] readings) : IRewardRows
{
    public IReadOnlyList<TextReading?> Readings => readings;

    public float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance) =>
        state.Read([new RewardReading(this, tokens, suffixed, advance)])[0];

    /// <remarks>Nothing is read before a score is needed: then everything from the first id on that differs from what was read.</remarks>
    public void Follow(IReadOnlyList<int[]> tokens)
    {
        foreach ((List<int> own, int[] next) in answers.Zip(tokens))
        {
            own.AddRange(next);
        }
    }

    /// <summary>What is read next.</summary>
    /// <param name="tokens">New ids of each row, without EOS.</param>
    /// <param name="suffixed">Whether each row is scored as a whole answer.</param>
    public (int[] Ids, TextReading? From)[] Next(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed) =>
        [.. answers.Select((own, row) => (state.Prompt.Read([.. own, .. tokens[row]], suffixed[row]), readings[row]))];

    /// <summary>Keeps what was read.</summary>
    /// <param name="tokens">New ids of each row.</param>
    /// <param name="advance">Number of these that stay read.</param>
    /// <param name="read">What was read; taken over.</param>
    public void Advance(IReadOnlyList<int[]> tokens, int advance, IReadOnlyList<TextReading?> read)
    {
        for (int row = 0; row < answers.Length; row++)
        {
            answers[row].AddRange(tokens[row].Take(advance));
            readings[row]?.Dispose();
            readings[row] = read[row];
        }
    }

    /// <summary>A copy of a row's ids, or of its first ones.</summary>
    public List<int> Copy(int row, int? length) => [.. answers[row].Take(length ?? int.MaxValue)];

    public void Dispose() => Array.ForEach(readings, reading => reading?.Dispose());
}
