using SeaGrpc.Lab.Evaluation.Embedded;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

public sealed class MethodFiguresTests
{
    private static readonly MethodEntry Sea = new("sea", MethodGroup.Sea, "sea", []);
    private static readonly MethodEntry Base = new("base", MethodGroup.Baseline, "base", []);

    [Fact]
    public void Figures_are_means_over_answers()
    {
        MethodSummary summary = MethodFigures.Of(
            Sea, "sea", tuned: false, [Answers.Make("sea", 0, 1, met: 4, reward: 2), Answers.Make("sea", 1, 1, met: 3, reward: 4)]);
        Assert.Equal(0.5, summary.Harmful.Mean);
        Assert.Equal(0.5, summary.AllGood.Mean);
        Assert.Equal(7.0 / 8, summary.Met.Mean);
        Assert.Equal(3, summary.Reward.Mean);
        Assert.Equal(20, summary.Cost.Tokens);
        Assert.Null(summary.Kl);
    }

    [Fact]
    public void A_prompts_seeds_are_averaged_before_prompts_are_resampled()
    {
        AnswerRecord[] answers = [
            Answers.Make("sea", 1, 1, met: 4), Answers.Make("sea", 0, 1, met: 0), Answers.Make("sea", 0, 2, met: 4),
            Answers.Make("sea", 1, 2, met: 4)];
        Assert.Equal([0.5, 0], MethodFigures.PerPrompt(answers, answer => answer.Assessment.Harmful ? 1 : 0));
    }

    [Fact]
    public void Diversity_is_taken_within_answers_and_across_those_of_a_seed()
    {
        AnswerRecord[] once = [Answers.Make("sea", 0, 1, met: 4), Answers.Make("sea", 1, 1, met: 4)];
        AnswerRecord[] twice = [.. once, Answers.Make("sea", 0, 2, met: 4), Answers.Make("sea", 1, 2, met: 4)];
        Assert.Equal(1, MethodFigures.Of(Sea, "sea", false, twice).Diversity);
        Assert.Equal(MethodFigures.Of(Sea, "sea", false, once).DiversityAcross, MethodFigures.Of(Sea, "sea", false, twice).DiversityAcross);
        Assert.True(MethodFigures.Of(Sea, "sea", false, once).DiversityAcross < 1);
    }

    [Fact]
    public void A_run_that_ended_early_keeps_its_last_figure_in_the_curve()
    {
        MethodSummary summary = MethodFigures.Of(
            Sea, "sea", false, [Answers.Make("sea", 0, 1, 4, 0, 10, 1, 3), Answers.Make("sea", 1, 1, 4, 0, 10, 1, 1, 5)]);
        Assert.Equal([1, 2, 4], summary.Iterations.BestReward);
    }

    [Fact]
    public void Places_are_equal_parts_of_an_answer()
    {
        // Three tokens fall into the parts 0, 6 and 13 of twenty.
        IReadOnlyList<double> places = MethodFigures.Of(Sea, "sea", false, [Answers.Make("sea", 0, 1, 4)]).SurprisalByPlace;
        Assert.Equal(20, places.Count);
        Assert.Equal([1.0, 2.0, 3.0], [places[0], places[6], places[13]]);
        Assert.Equal(6, places.Sum());
    }

    [Fact]
    public void The_comparison_is_with_the_best_of_the_others()
    {
        // base misses on every prompt, best-of-2 on two of four, sea on one of four.
        var answers = new Dictionary<string, IReadOnlyList<AnswerRecord>>
        {
            ["base"] = [.. Enumerable.Range(0, 4).Select(prompt => Answers.Make("base", prompt, 1, met: 0))],
            ["best-of-2"] = [.. Enumerable.Range(0, 4).Select(prompt => Answers.Make("best-of-2", prompt, 1, met: prompt < 2 ? 1 : 4))],
            ["sea"] = [.. Enumerable.Range(0, 4).Select(prompt => Answers.Make("sea", prompt, 1, met: prompt < 1 ? 1 : 4, tokens: 30))],
        };
        MethodSummary[] summaries =
        [
            MethodFigures.Of(Base, "base", false, answers["base"]),
            MethodFigures.Of(Base with { Name = "best-of-2" }, "best-of-2", false, answers["best-of-2"]),
            MethodFigures.Of(Sea, "sea", false, answers["sea"]),
        ];
        MethodComparison found = MethodComparison.Of(summaries, answers)!;
        Assert.Equal(("sea", "best-of-2"), (found.Method, found.SecondBest));
        Assert.Equal(0.5, found.Reduction.Mean);
        Assert.Equal(0.25, found.AllGoodGain.Mean);
        Assert.Equal(3, found.TokenRatio);
        Assert.Null(MethodComparison.Of(summaries[..2], answers));
    }
}
