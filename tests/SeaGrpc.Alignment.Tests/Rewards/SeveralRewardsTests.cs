using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Rewards;

/// <summary>Two reward models and an implicit reward at once, weighted: against each alone, and against autograd.</summary>
public sealed class SeveralRewardsTests : IDisposable
{
    private static readonly double[] Weights = [0.7, -0.4, 1.3];
    private static readonly ModelLoadOptions Options = new("cpu", ModelDtype.Float32);
    private readonly TemporaryFolder _folder = new();
    private readonly AlignmentModels _models;
    private readonly EncodedPrompt _prompt;

    public SeveralRewardsTests()
    {
        _models = new AlignmentModels(Policy("policy", 1), [
            new ModelReward("helpful", Reward("helpful", 2, new TinyShape())),
            new ModelReward("harmless", Reward("harmless", 3, new TinyShape(Hidden: 24, Layers: 1, Heads: 3))),
            new ImplicitReward("tuned", Policy("tuned", 4), Policy("basis", 5)),
        ]);
        _prompt = _models.Prompts.EncodeChat([new ChatMessage("user", "Hi")]);
    }

    public static TheoryData<string> Methods => ["sea", "substitutions", "best_of_n", "args", "args, tokens", "beam"];

    public void Dispose()
    {
        _models.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_score_is_the_sum_of_each_by_its_weight()
    {
        (EncodedPrompt, IReadOnlyList<int>)[] pairs = [(_prompt, [65, 66, 67]), (_prompt, []), (_prompt, [.. Enumerable.Range(40, 20)])];
        double[][] each =
            [.. Enumerable.Range(0, 3).Select(only => Rewards(pairs, [.. Weights.Select((_, index) => index == only ? 1.0 : 0)]))];
        double[] together = Rewards(pairs, Weights);
        for (int pair = 0; pair < pairs.Length; pair++)
        {
            Assert.Equal(Enumerable.Range(0, 3).Sum(index => Weights[index] * each[index][pair]), together[pair], 1e-4);
        }

        double[] plain = [.. _models.Score(pairs, 1).Select(score => score.Reward)];
        Assert.Equal(each.Sum(own => own[0]), plain[0], 1e-4);
    }

    [Fact]
    public void An_implicit_reward_is_the_difference_of_two_log_probabilities()
    {
        int[] response = [65, 66, 67, 200];
        double LogProbability(string role)
        {
            using var alone = new AlignmentModels(
                PolicyModel.Load(_folder.File(role), Options), RewardModel.Load(_folder.File("helpful"), Options));
            return alone.Score([(alone.Prompts.EncodeChat([new ChatMessage("user", "Hi")]), response)], 1)[0].LogProbability;
        }

        Assert.Equal(LogProbability("tuned") - LogProbability("basis"), Rewards([(_prompt, response)], [0, 0, 1])[0], 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_gradient_is_that_of_autograd(bool ended)
    {
        using var scope = NewDisposeScope();
        int[] response = [65, 90, 12, 200, 33];
        HardResponses rows = HardResponses.FromRagged([response], _models.Prompts.EosId, _models.IsEos, _ => ended);
        using var generator = new Generator(3);
        using PromptState state = PromptState.Prefill(_models, _prompt, new CostCounter(), Weights);
        using EnergyGradient gradient = EnergyGradient.At(
            _models, state, rows, new SeaParameters { EmbeddingNoise = 0, RewardWeight = 1.5, Reference = SeaReference.None }, generator,
            new CostCounter());

        Tensor relaxed = nn.functional.one_hot(tensor(rows.Tokens), TinyCheckpoint.VocabularySize)
            .to(ScalarType.Float32)
            .requires_grad_(true);
        Tensor whole = ended
            ? relaxed
            : cat(
                [relaxed, nn.functional.one_hot(tensor([(long)TinyCheckpoint.Eos]), TinyCheckpoint.VocabularySize).to(ScalarType.Float32)],
                0);
        var implicitReward = (ImplicitReward)_models.Rewards[2];
        Tensor reward = Score((ModelReward)_models.Rewards[0], 0, whole).Times(Weights[0])
            .Plus(Score((ModelReward)_models.Rewards[1], 1, whole).Times(Weights[1]))
            .Plus((LogProbability(implicitReward.Tuned.Decoder, whole) - LogProbability(implicitReward.Basis.Decoder, whole))
                .Times(Weights[2]));
        Tensor expected = autograd.grad([reward.Times(-1.5)], [relaxed])[0];
        Tensor actual = gradient.OverVocabulary(0, rows.Positions);
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<float>(), 0, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_answers_by_the_weighted_rewards(string name)
    {
        MethodParameters method = name switch
        {
            "sea" => new SeaParameters { Iterations = 3, Chains = 2 },
            "substitutions" => new SeaParameters { Sampler = SeaSampler.GradientFlips, Iterations = 4, Chains = 2, Proposals = 8 },
            "best_of_n" => new BestOfNParameters { SampleCount = 4 },
            "args" => new ArgsParameters { Candidates = 4 },
            "args, tokens" => new ArgsParameters { Candidates = 4, PrefixScoring = ArgsPrefixScoring.Raw },
            _ => new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 3 },
        };
        var task = new AlignmentTask { Prompt = _prompt, Method = method, Seed = 5, MaxResponseTokens = 10, MixtureWeights = Weights };
        AlignmentOutcome outcome = Search.Runs.Run(_models, task).Outcome;
        ScoredResponse again = _models.Score([(_prompt, outcome.Response.Tokens)], method.RewardWeight, Weights)[0];
        Assert.Equal(again.Reward, outcome.Response.Reward, 1e-3);
    }

    [Fact]
    public void A_reward_of_weight_0_reads_nothing()
    {
        var cost = new CostCounter();
        using PromptState state = PromptState.Prefill(_models, _prompt, cost, [1, 0, 0]);
        Assert.Equal(_prompt.Rewards[0].Prefix.Count, cost.Cost.RewardTokens);
    }

    [Fact]
    public void Two_rewards_of_one_name_are_refused()
    {
        using PolicyModel policy = PolicyModel.Load(_folder.File("policy"), Options);
        using RewardModel reward = RewardModel.Load(_folder.File("helpful"), Options);
        Assert.Throws<ArgumentException>(
            () => new AlignmentModels(policy, [new ModelReward("same", reward), new ModelReward("same", reward)]));
    }

    private double[] Rewards((EncodedPrompt, IReadOnlyList<int>)[] pairs, double[] weights) =>
        [.. _models.Score(pairs, 1, weights).Select(score => score.Reward)];

    private Tensor Score(ModelReward reward, int index, Tensor relaxed)
    {
        TransformerDecoder decoder = reward.Model.Decoder;
        int[] rest = [.. _prompt.Rewards[index].Suffix.Skip(1)];
        Tensor[] parts = [
            Fixed(decoder, _prompt.Rewards[index].Prefix), matmul(relaxed, decoder.EmbeddingWeight), .. rest.Length == 0
                ? Array.Empty<Tensor>()
                : [Fixed(decoder, rest)]];
        return reward.Model.Head.Rewards(decoder.Forward(cat(parts, 0).unsqueeze(0))[0][-1].unsqueeze(0)).sum();
    }

    private Tensor LogProbability(TransformerDecoder decoder, Tensor relaxed)
    {
        IReadOnlyList<int> prefix = _prompt.Rewards[2].Prefix;
        Tensor hidden = decoder.Forward(cat([Fixed(decoder, prefix), matmul(relaxed, decoder.EmbeddingWeight)], 0).unsqueeze(0))[0]
            .narrow(0, prefix.Count - 1, relaxed.shape[0]);
        return (relaxed * nn.functional.log_softmax(decoder.Logits(hidden), -1)).sum();
    }

    private static Tensor Fixed(TransformerDecoder decoder, IReadOnlyList<int> ids) =>
        decoder.EmbeddingWeight.index_select(0, tensor(ids.Select(id => (long)id).ToArray()));

    private PolicyModel Policy(string role, ulong seed)
    {
        TinyCheckpoint.WritePolicy(_folder.File(role), seed);
        return PolicyModel.Load(_folder.File(role), Options);
    }

    private RewardModel Reward(string role, ulong seed, TinyShape shape)
    {
        TinyCheckpoint.WriteReward(_folder.File(role), seed, shape);
        return RewardModel.Load(_folder.File(role), Options);
    }
}
