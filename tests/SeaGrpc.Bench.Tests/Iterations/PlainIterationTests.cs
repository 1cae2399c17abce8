using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Bench.Iterations;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Tests.Iterations;

/// <summary>What makes the measured ratio fair: both sides compute the same.</summary>
public sealed class PlainIterationTests
{
    public static TheoryData<TinyShape, TinyShape, double> Cases => new()
    {
        { new TinyShape(), new TinyShape(), 1 },
        { new TinyShape(Heads: 4, KeyValueHeads: 2, HeadSize: 6, Tied: false), new TinyShape(
            Hidden: 24, Layers: 1, Heads: 3, KeyValueHeads: 1), 0.7 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_gradient_and_energies_are_those_of_the_sampler(TinyShape policy, TinyShape reward, double temperature)
    {
        using AlignmentModels models = TinyModels.Load(5, policy, reward);
        SeaParameters parameters =
            SeaParameters.Langevin with { EmbeddingNoise = 0, Temperature = temperature, RewardWeight = 2.5, Chains = 3 };
        using RunContext context = Context(models, parameters);
        using var scope = NewDisposeScope();
        HardResponses drafts = new RandomStart(models, 2).Drafts(3, 7);
        Tensor logits = ChainLogits.Initialise(context, parameters, drafts);
        using EnergyGradient ours = EnergyGradient.At(models, context.Prompt, drafts, parameters, context.Generator, context.Cost);
        Tensor expected = StraightThrough.Backward(logits.flatten(0, 1), ours.OverVocabulary(0, 21), temperature).view(logits.shape);
        IReadOnlyList<ScoredRow> scores = context.Scorer().Score(context.Prompt, drafts, parameters.RewardWeight);

        // Another context: the same seed, so the same logits.
        using RunContext again = Context(models, parameters);
        using var plain = new PlainIteration(again, parameters, drafts);
        Tensor actual = plain.Gradient();
        float[] energies = plain.Score();

        Assert.True(expected.norm().item<float>() > 1e-3, "the gradient is too small to compare");
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<float>(), 0, 1e-4);
        Assert.All(
            Enumerable.Range(0, 3), chain =>
                Assert.Equal(scores[chain].Response.Energy, energies[chain], 1e-4 * Math.Abs(energies[chain])));
    }

    [Fact]
    public void Its_backward_pass_makes_the_weights_gradients_and_leaves_the_weights_as_they_were()
    {
        using AlignmentModels models = TinyModels.Load(5);
        SeaParameters parameters = SeaParameters.Langevin;
        using RunContext context = Context(models, parameters);
        using var scope = NewDisposeScope();
        var plain = new PlainIteration(context, parameters, new RandomStart(models, 2).Drafts(4, 5));
        Tensor leaf = models.Policy.Decoder.Leaves().Skip(2).First();

        plain.Gradient();
        Assert.True(leaf.grad!.norm().item<float>() > 0);
        Assert.False(leaf.requires_grad);
        plain.Dispose();
        Assert.Null(leaf.grad);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Both_sides_of_the_bench_run_again_and_again(bool paper)
    {
        using AlignmentModels models = TinyModels.Load(5);
        using var bench = new IterationBench(
            models,
            new IterationSetting(Chains: 2, PromptTokens: 6, Positions: 5),
            paper ? SeaParameters.Paper : SeaParameters.Langevin,
            () => System.Diagnostics.Stopwatch.GetElapsedTime(0)
        );
        for (int repeat = 0; repeat < 3; repeat++)
        {
            Assert.True(bench.Ours() > TimeSpan.Zero);
            Assert.True(bench.Plain().Moving > TimeSpan.Zero);
        }
    }

    private static RunContext Context(AlignmentModels models, SeaParameters parameters)
    {
        var context = new RunContext(
            models,
            new AlignmentTask
            {
                Prompt = new RandomStart(models, 1).Prompt(9),
                Method = parameters,
                Seed = 3,
                MaxResponseTokens = 7,
            }
        );
        context.Prefill();
        return context;
    }
}
