using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

public sealed class BestOfNRunTests
{
    private const int MaxTokens = 6;

    [Fact]
    public void It_is_charged_for_what_ranks_the_samples_and_not_for_what_reports_them()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentCost Cost(int samples) =>
            Runs.Run(models, Runs.Task(new BestOfNParameters { SampleCount = samples }, maxTokens: MaxTokens)).Outcome.Cost;

        (AlignmentCost few, AlignmentCost more) = (Cost(2), Cost(5));
        // No sample ends early: each is one position of the policy a token, the last one apart, and one reading by the reward model.
        Assert.Equal(3 * (MaxTokens - 1), more.PolicyTokens - few.PolicyTokens);
        Assert.Equal(Runs.Prompt.Policy.Count + (2 * (MaxTokens - 1)), few.PolicyTokens);
        Assert.Equal(3 * (MaxTokens + Runs.Prompt.Rewards[0].Suffix.Count), more.RewardTokens - few.RewardTokens);
    }

    [Fact]
    public void What_it_reports_is_what_scoring_says()
    {
        using AlignmentModels models = TinyModels.Load(3);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
            models, Runs.Task(new BestOfNParameters { SampleCount = 8 }, maxTokens: MaxTokens));
        var draft = Assert.IsType<DraftUpdate>(updates[0]);
        using var context = new RunContext(models, Runs.Task(new BestOfNParameters(), maxTokens: MaxTokens));
        context.Prefill();
        foreach (ScoredResponse reported in new[] { draft.Best, outcome.Response })
        {
            ScoredResponse scored = context.Score([([.. reported.Tokens], reported.EndsWithEos)])[0].Response;
            Assert.Equal(scored.Reward, reported.Reward, 1e-4);
            Assert.Equal(scored.LogProbability, reported.LogProbability, 1e-4);
            Assert.Equal(scored.Energy, reported.Energy, 1e-3);
        }
    }
}
