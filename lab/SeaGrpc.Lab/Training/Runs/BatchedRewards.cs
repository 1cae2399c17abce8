namespace SeaGrpc.Lab.Training.Runs;

/// <summary>Rewards of many sequences by a model in training, some at a time.</summary>
internal static class BatchedRewards
{
    private const int BatchSize = 100;

    /// <summary>The reward of each sequence.</summary>
    public static double[] Of(RewardNetwork reward, IEnumerable<TrainingSequence> sequences, CancellationToken cancellation)
    {
        var all = new List<double>();
        foreach (TrainingSequence[] batch in sequences.Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            all.AddRange(reward.Rewards(batch).Select(value => (double)value));
        }

        return [.. all];
    }
}
