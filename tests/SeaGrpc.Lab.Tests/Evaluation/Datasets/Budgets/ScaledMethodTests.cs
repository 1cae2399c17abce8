using SeaGrpc.Lab.Evaluation;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Budgets;

public sealed class ScaledMethodTests
{
    [Theory]
    [InlineData("best-of-{n}", 14, 1500, 1444, "best-of-15")]
    [InlineData("best-of-{n}", 14, 1444, 1444, "best-of-14")]
    [InlineData("best-of-{n}", 14, 10, 1444, "best-of-1")]
    [InlineData("cbs-{w}x{k}-10", 16, 1500, 1766, "cbs-4x4-10")]
    [InlineData("cbs-{w}x{k}-10", 16, 5000, 1766, "cbs-7x7-10")]
    [InlineData("cbs-2x{h}-10", 16, 2500, 1766, "cbs-2x12-10")]
    [InlineData("energy-search[budget_tokens={b}]", 1, 2500, 7, "energy-search[budget_tokens=2500]")]
    [InlineData("energy-search[budget_tokens={b}{r}]", 1, 2500, 7, "energy-search[budget_tokens=2500]")]
    [InlineData("energy-search[budget_tokens={b}{r}]", 1, 20000, 7, "energy-search[budget_tokens=20000,restarts=9,iterations=1000]")]
    [InlineData("base", 1, 2500, 180, "base")]
    public void The_smallest_size_that_spends_the_budget_is_taken(string template, int size, int budget, double spent, string method) =>
        Assert.Equal(method, new ScaledMethod(template, size).For(budget, spent));

    [Fact]
    public void Every_method_of_the_comparison_can_be_named_at_every_budget() => Assert.All(
        BudgetFamilies.All.SelectMany(family => family.Settings),
        setting => Assert.All([1500, 20000], budget => MethodCatalog.Parse(setting.For(budget, 1500))));

    [Fact]
    public void Every_tuned_method_has_the_same_number_of_settings() => Assert.Single(
        BudgetFamilies.All.Where(family => family.Settings.Count > 1).Select(family => family.Settings.Count).Distinct());

    [Theory]
    [InlineData(1500, 1500, true)]
    [InlineData(1200, 1500, true)]
    [InlineData(1100, 1500, false)]
    [InlineData(1949, 1500, true)]
    [InlineData(1951, 1500, false)]
    public void Finished_results_stand_for_a_budget_that_they_about_spend(double tokens, int budget, bool stand) =>
        Assert.Equal(stand, ScaledMethod.IsAbout(tokens, budget));

    [Theory]
    [InlineData("1500", 1500, null)]
    [InlineData("1500:20", 1500, 20)]
    public void A_budget_may_have_rows_of_its_own(string text, int tokens, int? rows)
    {
        Assert.Equal([new TokenBudget(tokens, rows)], TokenBudget.Parse(text, out string? problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("", "'' is not a budget")]
    [InlineData("0", "'0' is not a budget")]
    [InlineData("1500,", "'' is not a budget")]
    [InlineData("1500:0", "'1500:0' is not a budget")]
    [InlineData("1500:2:3", "'1500:2:3' is not a budget")]
    [InlineData("1500,1500:3", "1500 is given twice")]
    [InlineData("-1", "'-1' is not a budget")]
    [InlineData("1500,many", "'many' is not a budget")]
    public void A_wrong_budget_is_named(string text, string expected)
    {
        Assert.Empty(TokenBudget.Parse(text, out string? problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
