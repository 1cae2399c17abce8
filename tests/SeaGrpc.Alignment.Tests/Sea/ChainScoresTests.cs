using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Bench.Iterations;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Sea;

/// <summary>Exact energies that are read off a gradient, or of moved chains only, are those of a whole pass.</summary>
public sealed class ChainScoresTests
{
    private const int Chains = 3;
    private const int Positions = 7;

    public static TheoryData<string, SeaParameters> Samplers => new()
    {
        { "the paper's", SeaParameters.Paper with { StepSize = 1, NoiseScale = 0.5 } },
        { "targets only", SeaParameters.Paper with { StepSize = 1, NoiseScale = 0.5, Reference = SeaReference.Detached } },
        { "no reference", SeaParameters.Paper with { StepSize = 1, NoiseScale = 0.5, Reference = SeaReference.None } },
        { "no reward", SeaParameters.Paper with { StepSize = 1, NoiseScale = 0.5, RewardWeight = 0 } },
        { "smoothed", SeaParameters.Langevin with { StepSize = 0.5 } },
    };

    [Theory]
    [MemberData(nameof(Samplers))]
    public void They_are_those_of_a_whole_pass_at_every_iteration(string name, SeaParameters parameters)
    {
        using AlignmentModels models = TinyModels.Load(5);
        parameters = parameters with { Chains = Chains, Iterations = 8 };
        using RunContext context = Context(models, parameters);
        using var sampler = new LangevinSampler(context, parameters, new RandomStart(models, 2).Drafts(Chains, Positions));
        int moved = 0;
        IReadOnlyList<SampledChain> last = sampler.Start();
        Check(context, last, parameters);
        for (int iteration = 0; iteration < parameters.Iterations; iteration++)
        {
            IReadOnlyList<SampledChain> chains = sampler.Iterate();
            Check(context, chains, parameters);
            moved += chains.Zip(last).Count(pair => !pair.First.Row.Response.Tokens.SequenceEqual(pair.Second.Row.Response.Tokens));
            last = chains;
        }

        Assert.True(moved > 0, $"{name}: no chain has moved");
    }

    [Fact]
    public void Responses_of_one_token_are_scored_chain_by_chain()
    {
        using AlignmentModels models = TinyModels.Load(5);
        SeaParameters parameters = SeaParameters.Langevin with { Chains = Chains, Iterations = 8, StepSize = 2 };
        using RunContext context = Context(models, parameters);
        using var sampler = new LangevinSampler(context, parameters, new RandomStart(models, 2).Drafts(Chains, 1));
        sampler.Start();
        for (int iteration = 0; iteration < parameters.Iterations; iteration++)
        {
            Check(context, sampler.Iterate(), parameters);
        }
    }

    [Fact]
    public void Chains_that_stay_are_not_read_again()
    {
        using AlignmentModels models = TinyModels.Load(5);
        SeaParameters parameters = SeaParameters.Langevin with { Chains = Chains, StepSize = 1e-6 };
        using RunContext context = Context(models, parameters);
        using var sampler = new LangevinSampler(context, parameters, new RandomStart(models, 2).Drafts(Chains, Positions));
        sampler.Start();
        AlignmentCost before = context.Cost.Cost;
        sampler.Iterate();

        Assert.Equal(2, context.Cost.Cost.ForwardPasses - before.ForwardPasses);
        Assert.Equal(2 * Chains * (Positions - 1), context.Cost.Cost.PolicyTokens - before.PolicyTokens);
    }

    [Fact]
    public void Without_smoothing_an_iteration_is_one_pass_of_each_model_there_and_back()
    {
        using AlignmentModels models = TinyModels.Load(5);
        SeaParameters parameters = SeaParameters.Paper with { Chains = Chains, Iterations = 2, StepSize = 1, NoiseScale = 1 };
        using RunContext context = Context(models, parameters);
        using var sampler = new LangevinSampler(context, parameters, new RandomStart(models, 2).Drafts(Chains, Positions));
        sampler.Start();
        AlignmentCost start = context.Cost.Cost;
        sampler.Iterate();
        AlignmentCost first = context.Cost.Cost;
        sampler.Iterate();
        AlignmentCost second = context.Cost.Cost;

        Assert.Equal((2, 2), (first.ForwardPasses - start.ForwardPasses, first.BackwardPasses - start.BackwardPasses));
        // There and back: a backward pass counts its positions once more. The policy does not read the last token.
        Assert.Equal(2 * Chains * (Positions - 1), first.PolicyTokens - start.PolicyTokens);
        Assert.Equal(2 * Chains * Positions, first.RewardTokens - start.RewardTokens);
        // No gradient follows the last, and the highest reward is the answer: the policy's pass is only for the report.
        Assert.Equal((1, 0), (second.ForwardPasses - first.ForwardPasses, second.BackwardPasses - first.BackwardPasses));
    }

    private static void Check(RunContext context, IReadOnlyList<SampledChain> chains, SeaParameters parameters)
    {
        IReadOnlyList<ScoredRow> expected = context.Score(
            [.. chains.Select(chain => (chain.Row.Response.Tokens.ToArray(), chain.Row.Response.Tokens.Count < Positions))]);
        for (int chain = 0; chain < chains.Count; chain++)
        {
            ScoredResponse actual = chains[chain].Row.Response;
            Assert.Equal(expected[chain].Response.LogProbability, actual.LogProbability, 1e-4);
            Assert.Equal(expected[chain].Response.Reward, actual.Reward, 1e-4);
            Assert.Equal(-actual.LogProbability - (parameters.RewardWeight * actual.Reward), actual.Energy, 1e-4);
            Assert.All(chains[chain].Row.KlPerToken!, value => Assert.True(value >= -1e-5));
        }
    }

    private static RunContext Context(AlignmentModels models, SeaParameters parameters)
    {
        var context = new RunContext(models, new AlignmentTask
        {
            Prompt = new RandomStart(models, 1).Prompt(9),
            Method = parameters,
            Seed = 3,
            MaxResponseTokens = Positions,
        });
        context.Prefill();
        return context;
    }
}
