using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Sea;

/// <summary>The gradient of the energy where a policy and rewards go through common layers together.</summary>
public sealed class CommonGradientTests : IDisposable
{
    private const int Positions = 9;
    private const int Eos = TinyCheckpoint.Eos;

    // One that ends, one that is cut, one that ends at once, and one that ends at the limit.
    private static readonly long[] Tokens =
    [
        40, 41, 42, 43, Eos, Eos, Eos, Eos, Eos,
        50, 51, 52, 53, 54, 55, 56, 57, 58,
        Eos, 60, 61, 62, 63, 64, 65, 66, 67,
        70, 71, 72, 73, 74, 75, 76, 77, Eos,
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, SeaReference, int> Cases()
    {
        var data = new TheoryData<int, SeaReference, int>();
        foreach (int layers in new[] { 1, 2, CommonLayers.All })
        {
            foreach (SeaReference reference in Enum.GetValues<SeaReference>())
            {
                data.Add(layers, reference, Positions);
                // Shorter than what the reward reads, and longer, once all rows have ended.
                data.Add(layers, reference, 2);
            }
        }

        return data;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_that_of_separate_models(int layers, SeaReference reference, int positions)
    {
        CommonLayers.Write(_folder, layers);
        using AlignmentModels separate = CommonLayers.LoadSeparate(_folder);
        using AlignmentModels shared = CommonLayers.Load(_folder);
        long[] cut = [.. Tokens.Chunk(Positions).SelectMany(row => row.Take(positions))];
        foreach (int[] rows in (int[][])[[0, 1, 2, 3], [0, 2], [1]])
        {
            long[] tokens = [.. rows.SelectMany(row => cut.Skip(row * positions).Take(positions))];
            Figures expected = Of(separate, tokens, rows.Length, reference);
            Figures actual = Of(shared, tokens, rows.Length, reference);

            AssertNear(expected.Gradient, actual.Gradient);
            AssertNear(expected.Rewards, actual.Rewards);
            AssertNear(expected.LogProbabilities, actual.LogProbabilities);
            Assert.Equal(expected.Cost, actual.Cost);
            Assert.Equal(0, expected.Saved);
            Assert.Equal(reference == SeaReference.None, actual.Saved == 0);
        }
    }

    /// <summary>Two whose template ends alike, and a third one with another end.</summary>
    [Theory]
    [InlineData(SeaReference.Full)]
    [InlineData(SeaReference.None)]
    public void Several_rewards_have_that_of_separate_models(SeaReference reference)
    {
        CommonLayers.Write(_folder, 2);
        using AlignmentModels separate = CommonLayers.LoadSeveral(_folder, areSeparate: true, "a", "b", "c");
        using AlignmentModels shared = CommonLayers.LoadSeveral(_folder, areSeparate: false, "a", "b", "c");
        RewardPrompt own = Runs.Prompt.Rewards[0];
        var prompt = new EncodedPrompt(Runs.Prompt.Policy, [own, own with { Suffix = [34, Eos] }, own]);
        Figures expected = Of(separate, Tokens, 4, reference, prompt: prompt);
        Figures actual = Of(shared, Tokens, 4, reference, prompt: prompt);

        AssertNear(expected.Gradient, actual.Gradient);
        AssertNear(expected.Rewards, actual.Rewards);
        AssertNear(expected.LogProbabilities, actual.LogProbabilities);
        Assert.Equal(expected.Cost, actual.Cost);
        Assert.Equal(4 * (Positions + 2) * (reference == SeaReference.None ? 1 : 2), actual.Saved);
    }

    [Fact]
    public void Jobs_that_run_together_get_the_gradients_that_each_gets_alone()
    {
        CommonLayers.Write(_folder, 2);
        using AlignmentModels models = CommonLayers.Load(_folder);
        Figures[] alone = [.. Enumerable.Range(1, 4).Select(rows => Of(models, Tokens[..(rows * Positions)], rows, SeaReference.Full))];
        var together = new Figures[alone.Length];
        using var exchange = new PassExchange(maxTurnTokens: 2 * (Positions + 2));
        JobLane[] lanes = [.. alone.Select(_ => exchange.Open())];
        for (int job = 0; job < lanes.Length; job++)
        {
            int own = job;
            lanes[job].Begin(() => together[own] = Of(models, Tokens[..((own + 1) * Positions)], own + 1, SeaReference.Full));
        }

        while (exchange.HasWaiting)
        {
            exchange.Exchange();
        }

        Array.ForEach(lanes, lane => lane.ThrowIfFailed());
        Assert.All(alone.Zip(together), pair => AssertNear(pair.First.Gradient, pair.Second.Gradient));
    }

    [Fact]
    public void With_noise_each_model_reads_its_own_embeddings()
    {
        CommonLayers.Write(_folder, 2);
        using AlignmentModels models = CommonLayers.Load(_folder);
        Assert.Equal(0, Of(models, Tokens, 4, SeaReference.Full, noise: 0.5).Saved);
    }

    [Fact]
    public void It_frees_all_its_tensors()
    {
        CommonLayers.Write(_folder, 2);
        using AlignmentModels models = CommonLayers.Load(_folder);
        Of(models, Tokens, 4, SeaReference.Full);
        long before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Of(models, Tokens, 4, SeaReference.Full);
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Figures Of(
        AlignmentModels models, long[] tokens, int rows, SeaReference reference, double noise = 0, EncodedPrompt? prompt = null)
    {
        using var scope = NewDisposeScope();
        var cost = new CostCounter();
        using PromptState state = PromptState.Prefill(
            models, prompt ?? Runs.Prompt, cost, [.. models.Rewards.Select((_, index) => 1.0 + index)]);
        using Generator generator = SeededGenerator.Of(1, models.Policy.Device);
        var hard = new HardResponses(tokens, rows, models.IsEos);
        using EnergyGradient gradient = EnergyGradient.At(
            models, state, hard, SeaParameters.Paper with { RewardWeight = 3, Reference = reference, EmbeddingNoise = noise }, generator,
            cost);
        return new Figures(
            gradient.OverVocabulary(0, tokens.Length).data<float>().ToArray(),
            [.. gradient.Rewards.SelectMany(one => one)],
            gradient.LogProbabilities is { } own
                ? [.. own.Own.Chunk(hard.Positions).SelectMany((row, index) => row.Take(hard.TargetLengths[index]))]
                : [],
            cost.Cost,
            state.Loaded.Shared?.Saved ?? 0);
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Append(0).Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + scale)));
    }

    private sealed record Figures(float[] Gradient, float[] Rewards, float[] LogProbabilities, AlignmentCost Cost, long Saved);
}
