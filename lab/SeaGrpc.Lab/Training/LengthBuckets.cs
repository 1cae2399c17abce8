namespace SeaGrpc.Lab.Training;

/// <summary>Batches of sequences of similar lengths, so that little is filled.</summary>
internal static class LengthBuckets
{
    /// <summary>Endless batches: draws several at once, sorts them by length, cuts, and hands them out in a random order.</summary>
    public static IEnumerable<TrainingSequence[]> Draw(Func<TrainingSequence> next, int batchSize, int batchesPerDraw, int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            var drawn = Enumerable.Range(0, batchSize * batchesPerDraw).Select(_ => next()).OrderBy(sequence => sequence.Ids.Length);
            var batches = drawn.Chunk(batchSize).ToArray();
            random.Shuffle(batches);
            foreach (var batch in batches)
            {
                yield return batch;
            }
        }
    }
}
