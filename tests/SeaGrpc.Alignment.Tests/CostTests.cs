using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>A method is charged for what it needs to find its answer, and for nothing that only its report needs.</summary>
public sealed class CostTests : IDisposable
{
    private const int MaxTokens = 6;

    private readonly AlignmentModels _models = TinyModels.Load(3);

    private static int PromptTokens => Runs.Prompt.Policy.Count;

    private static int RewardSuffix => Runs.Prompt.Rewards[0].Suffix.Count;

    [Fact]
    public void A_sample_of_the_policy_is_charged_for_its_tokens_alone()
    {
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) =
            Runs.Run(_models, Runs.Task(new BaseParameters(), maxTokens: MaxTokens));

        // The prompt, and every token but the last one, each in a pass of its own.
        Assert.Equal(new AlignmentCost(1 + (MaxTokens - 1), 0, PromptTokens + (MaxTokens - 1), 0), outcome.Cost);
        Assert.True(double.IsFinite(updates.OfType<DraftUpdate>().Single().Best.Reward), "What is not charged is still reported.");
    }

    [Fact]
    public void Best_of_one_costs_what_a_sample_costs()
    {
        Assert.Equal(CostOf(new BaseParameters()), CostOf(new BestOfNParameters { SampleCount = 1 }));
        Assert.NotEqual(0, CostOf(new BestOfNParameters { SampleCount = 1 }, draft: [40, 41]).RewardTokens);
    }

    [Theory]
    [MemberData(nameof(RankedByReward))]
    public void A_draft_that_is_ranked_by_its_reward_alone_is_read_by_the_reward_model_alone(
        MethodParameters method, MethodParameters withoutDraft)
    {
        AlignmentCost with = CostOf(method, draft: [40, 41]);
        AlignmentCost without = CostOf(withoutDraft);

        Assert.Equal(0, with.PolicyTokens - without.PolicyTokens);
        Assert.Equal(2 + RewardSuffix, with.RewardTokens - without.RewardTokens);
    }

    public static TheoryData<MethodParameters, MethodParameters> RankedByReward => new()
    {
        { new BestOfNParameters { SampleCount = 2 }, new BestOfNParameters { SampleCount = 2 } },
        { new ArgsParameters(), new ArgsParameters { SampleDraft = false } },
        { new ChunkBeamSearchParameters { ChunkTokens = 2 }, new ChunkBeamSearchParameters { ChunkTokens = 2, SampleDraft = false } },
    };

    [Theory]
    [MemberData(nameof(WithoutDraft))]
    public void The_log_probability_of_a_fixed_prefix_is_not_charged_where_it_is_only_reported(MethodParameters method)
    {
        AlignmentTask task = Runs.Task(method, maxTokens: MaxTokens) with { ResponsePrefix = [40, 41, 42] };

        // The prompt, the prefix, and every further token but the last one, each once.
        Assert.Equal(PromptTokens + (MaxTokens - 1), Runs.Run(_models, task).Outcome.Cost.PolicyTokens);
    }

    public static TheoryData<MethodParameters> WithoutDraft =>
    [
        new ArgsParameters { SampleDraft = false },
        new ChunkBeamSearchParameters { SampleDraft = false, BeamWidth = 1, SamplesPerBeam = 1, ChunkTokens = 2 },
    ];

    /// <summary>Charged for what the models' passes read, by their own count: each position once, padding included.</summary>
    [Theory]
    [MemberData(nameof(Searches))]
    public void A_search_is_charged_for_the_positions_that_it_reads(EnergySearchParameters method)
    {
        TransformerDecoder reward = ((ModelReward)_models.Rewards[0]).Model.Decoder;
        (long policyBefore, long rewardBefore) = (_models.Policy.Decoder.PositionsRead, reward.PositionsRead);
        AlignmentCost cost = CostOf(method with { Substitutions = false, Iterations = 6 });
        Assert.Equal(_models.Policy.Decoder.PositionsRead - policyBefore, cost.PolicyTokens);
        Assert.Equal(reward.PositionsRead - rewardBefore, cost.RewardTokens);
    }

    public static TheoryData<EnergySearchParameters> Searches =>
    [
        new EnergySearchParameters { Spans = false },
        new EnergySearchParameters { Spans = false, BeamWidth = 1, RewriteBeamWidth = 1, EnumeratedTokens = 2 },
        new EnergySearchParameters { Spans = false, EnumeratedTokens = 0, RewriteEnumeratedTokens = 0 },
        new EnergySearchParameters { Spans = false, PrefixScoring = BeamPrefixScoring.Rollout, RolloutSamples = 2 },
    ];

    [Fact]
    public void Langevin_dynamics_that_choose_by_reward_and_follow_it_alone_are_not_charged_for_log_probabilities()
    {
        SeaParameters paper = SeaParameters.Paper with { Reference = SeaReference.None, Chains = 2, Iterations = 2 };

        // Two samples, decoded and read once more for the logits that they start as; then the reward model alone reads drafts and
        // iterations.
        Assert.Equal(PromptTokens + (2 * 2 * (MaxTokens - 1)), CostOf(paper).PolicyTokens);
        Assert.True(CostOf(paper with { Selection = SeaSelection.Energy }).PolicyTokens > CostOf(paper).PolicyTokens);
    }

    public void Dispose() => _models.Dispose();

    private AlignmentCost CostOf(MethodParameters method, int[]? draft = null) =>
        Runs.Run(_models, Runs.Task(method, maxTokens: MaxTokens) with { Draft = draft }).Outcome.Cost;
}
