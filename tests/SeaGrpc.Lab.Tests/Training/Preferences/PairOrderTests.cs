using SeaGrpc.Lab.Training.Preferences;

namespace SeaGrpc.Lab.Tests.Training.Preferences;

public sealed class PairOrderTests
{
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 500).Select(index => 20 + (index * 37 % 101))];

    [Fact]
    public void Every_pair_comes_once_an_epoch_in_batches_within_the_limit()
    {
        IReadOnlyList<int[]> batches = PairOrder.Of(Lengths, batchTokens: 1000, epochs: 3, seed: 1);
        Assert.All(batches, batch => Assert.InRange(batch.Length * batch.Max(index => Lengths[index]), 1, 1000));
        Assert.All(Enumerable.Range(0, 500), index => Assert.Equal(3, batches.Count(batch => batch.Contains(index))));
        double filled = batches.Sum(batch => batch.Length * (double)batch.Max(index => Lengths[index]));
        Assert.InRange(3 * Lengths.Sum() / filled, 0.9, 1);
    }

    [Fact]
    public void The_order_follows_from_the_seed_and_differs_between_epochs()
    {
        IReadOnlyList<int[]> batches = PairOrder.Of(Lengths, 1000, epochs: 2, seed: 1);
        Assert.Equal(batches, PairOrder.Of(Lengths, 1000, epochs: 2, seed: 1));
        Assert.NotEqual(batches, PairOrder.Of(Lengths, 1000, epochs: 2, seed: 2));
        Assert.NotEqual(batches[0], batches[batches.Count / 2]);
    }

    [Fact]
    public void A_pair_longer_than_a_batch_is_a_batch_of_its_own() =>
        Assert.Equal([[0], [1]], PairOrder.Of([50, 60], batchTokens: 10, epochs: 1, seed: 1).OrderBy(batch => batch[0]));
}
