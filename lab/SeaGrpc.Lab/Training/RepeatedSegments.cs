namespace SeaGrpc.Lab.Training;

/// <summary>
/// Sequences of a random segment, repeated: nothing in them can be predicted but by copying from before. A first stage of training
/// on them gives a small decoder the heads that copy, without which it stays for long at predicting each word by itself.
/// </summary>
/// <remarks>Olsson et al., "In-context learning and induction heads", 2022.</remarks>
/// <param name="ids">The ids to draw from.</param>
/// <param name="seed">Seed of the sequences.</param>
public sealed class RepeatedSegments(IReadOnlyList<int> ids, int seed)
{
    private const int ShortestSegment = 8;
    private const int LongestSegment = 23;
    private const int Length = 64;

    private readonly Random _random = new(seed);

    /// <summary>The next sequence, about 64 ids long; its response begins after the second copy's first id, which nothing tells.</summary>
    public TrainingSequence Next()
    {
        var segment = Enumerable.Range(0, _random.Next(ShortestSegment, LongestSegment + 1))
            .Select(_ => ids[_random.Next(ids.Count)])
            .ToArray();
        return new TrainingSequence([.. Enumerable.Repeat(segment, Length / segment.Length).SelectMany(copy => copy)], segment.Length + 1);
    }
}
