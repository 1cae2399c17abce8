using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Lab.Evaluation;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Tuning;

namespace SeaGrpc.Lab.Tests.Evaluation.Embedded;

public sealed class TuningTests
{
    [Fact]
    public void The_highest_all_good_rate_is_chosen() =>
        Assert.Equal("b", TuningChoice.Of([Candidate("a", 0.5, 0.1, 0.9), Candidate("b", 0.6, 0.4, 0.1)]).Method);

    [Fact]
    public void Among_equals_the_lowest_harmful_rate_then_the_most_requirements_met()
    {
        Assert.Equal("b", TuningChoice.Of([Candidate("a", 0.5, 0.5, 0.9), Candidate("b", 0.5, 0.4, 0.1)]).Method);
        Assert.Equal("b", TuningChoice.Of([Candidate("a", 0, 1, 0.3), Candidate("b", 0, 1, 0.4)]).Method);
    }

    [Fact]
    public void Then_the_fewest_tokens_then_the_first()
    {
        Assert.Equal("b", TuningChoice.Of([Candidate("a", 1, 0, 1, tokens: 20), Candidate("b", 1, 0, 1, tokens: 10)]).Method);
        Assert.Equal("a", TuningChoice.Of([Candidate("a", 1, 0, 1, tokens: 10), Candidate("b", 1, 0, 1, tokens: 10)]).Method);
    }

    [Fact]
    public void The_reward_decides_nothing() =>
        Assert.Equal(
            "a",
            TuningChoice.Of(
                [Candidate("a", 1, 0, 1, reward: 1), Candidate("b", 1, 0, 1, reward: 2), Candidate("c", 0.7, 0, 1, reward: 9)]).Method);

    [Fact]
    public void There_must_be_something_to_choose() => Assert.Throws<ArgumentException>(() => TuningChoice.Of([]));

    [Fact]
    public void An_ablation_changes_the_tuned_setting_of_its_method()
    {
        TuningRecord record = Record(new TunedMethod("sea", "sea[reward-weight=4]", []));
        Assert.Equal(("sea[reward-weight=4]", true), TunedSettings.Of(EmbeddedMethods.Named("sea"), record));
        Assert.Equal(("sea[reward-weight=4,draft_samples=1]", true), TunedSettings.Of(EmbeddedMethods.Named("sea-1-draft"), record));
        Assert.Equal(("base", false), TunedSettings.Of(EmbeddedMethods.Named("base"), record));
        Assert.Equal(("sea[draft_samples=1]", false), TunedSettings.Of(EmbeddedMethods.Named("sea-1-draft"), null));
        Assert.Equal(("sea[chains=2]", false), TunedSettings.Of(EmbeddedMethods.Named("sea[chains=2]"), record));
    }

    [Fact]
    public void Every_tuned_method_has_the_same_number_of_settings_and_all_are_different()
    {
        foreach (MethodEntry entry in EmbeddedMethods.All.Where(entry => entry.Grid.Count > 0))
        {
            Assert.Equal(
                EmbeddedMethods.SettingsPerMethod,
                entry.Grid.Select(setting => MethodCatalog.Parse(MethodBrackets.Join(entry.Method, setting))).Distinct().Count());
            Assert.Equal("", entry.Grid[0]);
        }
    }

    [Fact]
    public void Every_name_of_the_list_is_known_and_none_comes_twice()
    {
        Assert.Equal(EmbeddedMethods.All.Count, EmbeddedMethods.All.Select(entry => entry.Name).Distinct().Count());
        Assert.All(EmbeddedMethods.All, entry => MethodCatalog.Parse(MethodBrackets.Join(entry.Method, entry.Change)));
        Assert.Subset(EmbeddedMethods.All.ToHashSet(), EmbeddedMethods.Quick.ToHashSet());
    }

    private static TuningCandidate Candidate(
        string method, double allGood, double harmful, double met, double tokens = 0, double reward = 0) =>
        new(method, "", harmful, met, reward, allGood, tokens, 0);

    private static TuningRecord Record(params TunedMethod[] methods) => new()
    {
        World = "support-desk",
        Prompts = 1,
        Seeds = 1,
        FirstSeed = 1,
        Models = "",
        Commit = "",
        Budget = "",
        Rule = "",
        Methods = methods,
    };
}
