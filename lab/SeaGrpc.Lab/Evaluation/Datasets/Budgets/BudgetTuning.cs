using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Chooses each method's setting on tuning prompts: the lowest mean energy; ties go to the earlier one.</summary>
internal static class BudgetTuning
{
    /// <summary>The file of its results, in the folder of the comparison.</summary>
    public const string File = "tuning.jsonl";

    /// <summary>Runs every setting that is tried, at the sizes that the settings have.</summary>
    /// <param name="runs">What runs.</param>
    /// <param name="suite">The suite.</param>
    /// <param name="file">The tuning prompts.</param>
    /// <param name="rows">How many of them.</param>
    /// <param name="budget">The budget of methods that keep to one.</param>
    public static async Task<IReadOnlyList<TriedSetting>> RunAsync(
        BudgetRuns runs, DatasetSuite suite, DatasetFile file, int rows, int budget)
    {
        (BudgetFamily Family, ScaledMethod Setting)[] tried =
        [
            .. BudgetFamilies.All.Where(family => !family.BringsRefusal && family.LeastBudget <= budget)
                .SelectMany(family => family.Settings.Select(setting => (family, setting))),
        ];
        DatasetMethod[] methods = [.. tried.Select(one => runs.Method(one.Setting.Tried(budget), file, suite))];
        var results = await runs.RunAsync(suite, [.. file.Rows.Take(rows)], methods, File);
        return [.. tried.Zip(methods, (one, method) => new TriedSetting(one.Family, one.Setting, method.Name, results[method.Name]))];
    }

    /// <summary>The setting that a family runs with.</summary>
    /// <param name="family">The family.</param>
    /// <param name="tried">What tuning found; empty where nothing was tuned.</param>
    public static ScaledMethod Chosen(BudgetFamily family, IReadOnlyList<TriedSetting> tried) =>
        tried.Where(one => one.Family == family && one.Answered.Count > 0).MinBy(one => one.Energy)?.Setting ?? family.Settings[0];
}
