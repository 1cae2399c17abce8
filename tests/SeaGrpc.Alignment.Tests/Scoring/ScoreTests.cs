using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Oracle;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Scoring;

public sealed class ScoreTests
{
    private static readonly EncodedPrompt First = new(
        [TinyCheckpoint.Bos, 72, 105], [new RewardPrompt([TinyCheckpoint.Bos, 72, 105, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos])]);
    private static readonly EncodedPrompt Second = new(
        [TinyCheckpoint.Bos, 5, 6, 7, 8, 9], [new RewardPrompt([TinyCheckpoint.Bos, 5, 6], [TinyCheckpoint.Eos, 10, 13])]);

    [Fact]
    public void A_score_does_not_depend_on_its_batch_or_padding()
    {
        using AlignmentModels models = TinyModels.Load(2);
        (EncodedPrompt, IReadOnlyList<int>)[] pairs =
        [
            (First, [65, 66, 67]), (Second, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), (First, []), (First, [.. Enumerable.Range(40, 60)]),
            (Second, [200]),
        ];

        IReadOnlyList<ScoredResponse> together = models.Score(pairs, 2);

        for (int index = 0; index < pairs.Length; index++)
        {
            ScoredResponse alone = models.Score([pairs[index]], 2)[0];
            Assert.Equal(alone.Reward, together[index].Reward, 1e-4);
            Assert.Equal(alone.LogProbability, together[index].LogProbability, 1e-3);
            Assert.Equal(alone.Energy, together[index].Energy, 1e-3);
        }
    }

    [Fact]
    public void A_score_is_the_plain_versions()
    {
        using AlignmentModels models = TinyModels.Load(2);
        using var scope = NewDisposeScope();
        int[] response = [65, 66, 67, 68];

        ScoredResponse scored = models.Score([(Second, response)], 3)[0];

        var plain = new PlainSea(models, Second, new SeaParameters { RewardWeight = 3 }, ScalarType.Float64);
        HardResponses rows = HardResponses.FromRagged([response], TinyCheckpoint.Eos, models.IsEos, _ => true);
        Tensor onehot = nn.functional.one_hot(PlainSea.Ids(rows, 0), TinyCheckpoint.VocabularySize).to(ScalarType.Float64);
        Assert.Equal(plain.Reward(onehot, 4).item<double>(), scored.Reward, 1e-4);
        Assert.Equal(plain.LogProbability(onehot, 5).item<double>(), scored.LogProbability, 1e-3);
        Assert.Equal(plain.Energy(onehot, 4, 5).item<double>(), scored.Energy, 1e-3);
        Assert.Equal(response, scored.Tokens);
        Assert.True(scored.EndsWithEos);
    }
}
