using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A baseline against energy search on the prompts that both have answered; both are resampled together.</summary>
/// <param name="Prompts">How many prompts.</param>
/// <param name="Energy">The baseline's energy less the search's, in nats: above 0, the search is better.</param>
/// <param name="Reward">The search's reward less the baseline's: above 0, the search is better.</param>
/// <param name="Missed">
/// How far the search's share of answers that refuse nothing is below the baseline's, as a share of it, by the classifier; null without one
/// or where the baseline has none.
/// </param>
/// <param name="Complying">How far its share of answers that do what was asked is below the baseline's, likewise.</param>
internal sealed record BudgetComparison(int Prompts, Interval Energy, Interval Reward, Interval? Missed, Interval? Complying)
{
    /// <summary>Compares.</summary>
    /// <returns>Null where no prompt has both.</returns>
    public static BudgetComparison? Of(
        IReadOnlyList<RowResult> baseline, IReadOnlyList<RowResult> search, AnswerJudges judges)
    {
        (RowResult Base, RowResult Search)[] both =
            [.. baseline.Join(search, result => result.Row, result => result.Row, (first, second) => (first, second))];
        return both.Length == 0 ? null : new BudgetComparison(
            both.Length,
            Bootstrap.Paired(
                [.. both.Select(pair => AnswerEnergy.Of(pair.Base))], [.. both.Select(pair => AnswerEnergy.Of(pair.Search))], Difference),
            Bootstrap.Paired(
                [.. both.Select(pair => pair.Search.Reward!.Value)], [.. both.Select(pair => pair.Base.Reward!.Value)], Difference),
            Reduction(judges.Misses),
            Reduction(judges.Complies));

        Interval? Reduction(Func<RowResult, bool?> judge) =>
            both.Any(pair => judge(pair.Base) == true)
                ? ShareInterval.Reduction(
                    Verdicts(both.Select(pair => pair.Search), judge), Verdicts(both.Select(pair => pair.Base), judge))
                : null;

        static double[] Verdicts(IEnumerable<RowResult> results, Func<RowResult, bool?> judge) =>
            [.. results.Select(result => judge(result) == true ? 1.0 : 0)];
    }

    private static double Difference(double first, double second) => first - second;
}
