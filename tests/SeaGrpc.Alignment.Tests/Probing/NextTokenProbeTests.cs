using SeaGrpc.Alignment.Probing;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Probing;

public sealed class NextTokenProbeTests
{
    private static readonly BaseParameters Policy = new() { ReferenceTemperature = 0.7 };

    [Fact]
    public void Rewards_are_exact_and_predictions_are_those_of_the_gradient_there()
    {
        using AlignmentModels models = TinyModels.Load(3);
        IReadOnlyList<NextTokens> measured = NextTokenProbe.Measure(models, Runs.Prompt, Policy, [0, 1, 3], 300, seed: 5);
        Assert.Equal([0, 1, 3], measured.Select(tokens => tokens.Depth));
        foreach (NextTokens tokens in measured)
        {
            // Every token that an answer may hold, EOS left out.
            Assert.Equal(TinyCheckpoint.Bos, tokens.Rewards.Count);
        }

        // Before the first token: the candidates are the bytes, the likeliest first.
        NextTokens first = measured[0];
        Assert.Equal(first.LogProbabilities.OrderDescending(), first.LogProbabilities);
        int[] bytes = [.. Enumerable.Range(0, TinyCheckpoint.Bos)];
        IReadOnlyList<ScoredResponse> scored = models.Score(
            [.. bytes.Select(token => (Runs.Prompt, (IReadOnlyList<int>)[token]))], 8, referenceTemperature: 0.7);
        Assert.All(
            first.Rewards.Order().Zip(scored.Select(one => one.Reward).Order()), pair => Assert.Equal(pair.Second, pair.First, 1e-4));

        // The likeliest token's reward tells which it is.
        int likeliest = bytes.MinBy(token => Math.Abs(scored[token].Reward - first.Rewards[0]));
        using var context = new RunContext(models, Runs.Task(new SeaParameters { RewardWeight = 1 }));
        context.Prefill();
        using EnergyGradient gradient = EnergyGradient.At(
            models, context.Prompt, context.Rows([([likeliest], false)]),
            new SeaParameters { RewardWeight = 1, Reference = SeaReference.None }, context.Generator, context.Cost);
        using Tensor over = gradient.OverVocabulary(0, 1);
        float[] expected = [.. over.data<float>().ToArray().Take(TinyCheckpoint.Bos).Select(value => -value)];
        Assert.All(
            first.AtLikeliest.Order().Zip(expected.Order()), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
        Assert.NotEqual(first.AtLikeliest, first.AtMean);
    }

    [Fact]
    public void The_mean_of_one_token_is_that_token()
    {
        using AlignmentModels models = TinyModels.Load(3);
        NextTokens tokens = NextTokenProbe.Measure(models, Runs.Prompt, Policy, [2], 1, seed: 5)[0];
        Assert.Equal(tokens.AtLikeliest[0], tokens.AtMean[0], 1e-5);
    }

    [Fact]
    public void Beyond_the_end_of_the_sample_there_is_nothing()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        IEnumerable<int> depths = Enumerable.Range(1, 20)
            .SelectMany(seed => NextTokenProbe.Measure(models, Runs.Prompt, Policy, [0, 40], 4, (ulong)seed))
            .Select(tokens => tokens.Depth);
        Assert.Equal(20, depths.Count(depth => depth == 0));
        Assert.InRange(depths.Count(depth => depth == 40), 0, 19);
    }

    [Fact]
    public void A_reward_without_a_gradient_is_refused()
    {
        (AlignmentModels models, _) = TextReward.Load(answer => answer.Count);
        using (models)
        {
            Assert.Throws<ArgumentException>(() => NextTokenProbe.Measure(models, Runs.Prompt, Policy, [0], 4, 1));
        }
    }
}
