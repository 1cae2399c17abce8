using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Every method at every budget, with its chosen setting, at the size that spends the budget.</summary>
/// <param name="runs">What runs.</param>
/// <param name="arguments">What was asked for.</param>
/// <param name="file">The rows.</param>
/// <param name="tried">What tuning found.</param>
internal sealed class BudgetMethods(
    BudgetRuns runs, DatasetArguments arguments, DatasetFile file, IReadOnlyList<TriedSetting> tried)
{
    private const int ProbedRows = 2;
    private const string Answers = "answers.jsonl";
    private const string Timed = "timed.jsonl";

    private readonly DatasetRow[] _rows = [.. file.Rows.Take(arguments.Limit ?? int.MaxValue)];

    /// <summary>Runs them, or reads what is there.</summary>
    public async Task<IReadOnlyList<MethodAtBudget>> RunAsync()
    {
        (BudgetFamily Family, ScaledMethod Setting)[] chosen =
        [
            .. BudgetFamilies.All.Where(family => RowsOf(family) > 0).Select(family => (family, BudgetTuning.Chosen(family, tried))),
        ];
        var sizes = arguments.IsFromResults ? null : await ProbeAsync([.. chosen.Select(one => one.Setting)]);
        List<MethodAtBudget> found = [];
        foreach (TokenBudget budget in arguments.Budgets.OrderBy(budget => budget.Tokens))
        {
            List<(BudgetFamily Family, DatasetMethod Method, int Rows)> methods = [];
            foreach ((BudgetFamily family, ScaledMethod setting) in chosen)
            {
                string? text = sizes is null
                    ? await FinishedAsync(setting, budget.Tokens)
                    : sizes.TryGetValue(setting, out double spent) ? setting.For(budget.Tokens, spent) : setting.Tried(budget.Tokens);
                if (text is null)
                {
                    continue;
                }

                methods.Add((family, Method(text), Math.Min(Math.Min(budget.Rows ?? int.MaxValue, RowsOf(family)), _rows.Length)));
            }

            // Methods of as many rows go row by row, so that an early end leaves comparable results of all of them.
            var results = new Dictionary<string, IReadOnlyList<RowResult>>(StringComparer.Ordinal);
            foreach (var group in methods.GroupBy(method => method.Rows).OrderByDescending(group => group.Key))
            {
                foreach ((string name, IReadOnlyList<RowResult> those) in await runs.RunAsync(
                    arguments.Suite, _rows[..group.Key], [.. group.Select(method => method.Method)], Answers))
                {
                    results[name] = those;
                }
            }

            found.AddRange(methods.Select(method => new MethodAtBudget(
                budget.Tokens, method.Family, method.Method.Name, [.. results[method.Method.Name].Where(IsAnswered)], method.Rows)));
        }

        return await TimeAsync(found);
    }

    private static bool IsAnswered(RowResult result) => result.Answer is not null;

    private int RowsOf(BudgetFamily family) => arguments.FamilyRows.GetValueOrDefault(family.Name, int.MaxValue);

    private DatasetMethod Method(string text) => runs.Method(text, file, arguments.Suite);

    /// <summary>The tokens a prompt that each setting spends at its own size.</summary>
    private async Task<IReadOnlyDictionary<ScaledMethod, double>> ProbeAsync(IReadOnlyList<ScaledMethod> settings)
    {
        ScaledMethod[] probed = [.. settings.Where(setting => setting is { HasSize: true, KeepsBudget: false })];
        DatasetMethod[] probes = [.. probed.Select(setting => Method(setting.Tried(0)))];
        var results = await runs.RunAsync(arguments.Suite, [.. _rows.Take(ProbedRows)], probes, Answers);
        return probed.ToDictionary(
            setting => setting,
            setting => results[setting.Tried(0)].Average(result => result.ModelTokens) ?? throw new CliException(
                $"{setting.Tried(0)} has no answer, so its size cannot be fitted to a budget: the results file says why.",
                ExitCodes.Failure));
    }

    /// <summary>The size with the most finished rows of those that spend about the budget; null where there is none.</summary>
    private async Task<string?> FinishedAsync(ScaledMethod setting, int budget)
    {
        if (!setting.HasSize || setting.KeepsBudget)
        {
            return setting.Tried(budget);
        }

        IEnumerable<string> finished = runs.Finished(Answers).Select(result => result.Method);
        DatasetMethod[] sizes = [.. setting.AllSizes().Intersect(finished).Reverse().Select(Method)];
        var results = await runs.RunAsync(arguments.Suite, _rows, sizes, Answers);
        return sizes.Select(method => (method.Name, Answers: results[method.Name].Where(IsAnswered).ToArray()))
            .Where(size => size.Answers.Length > 0)
            .Select(size => (size.Name, size.Answers.Length, Tokens: size.Answers.Average(result => result.ModelTokens) ?? 0))
            .Where(size => ScaledMethod.IsAbout(size.Tokens, budget))
            .OrderByDescending(size => size.Length).ThenBy(size => Math.Abs(size.Tokens - budget))
            .Select(size => size.Name)
            .FirstOrDefault();
    }

    private async Task<IReadOnlyList<MethodAtBudget>> TimeAsync(IReadOnlyList<MethodAtBudget> methods)
    {
        if (arguments.TimedRows == 0)
        {
            return methods;
        }

        List<MethodAtBudget> timed = [];
        foreach (var group in methods.GroupBy(method => (method.Budget, Rows: Math.Min(arguments.TimedRows, method.Asked))))
        {
            var results = await runs.RunAsync(
                arguments.Suite, _rows[..group.Key.Rows], [.. group.Select(method => Method(method.Method))], Timed, isAlone: true);
            timed.AddRange(group.Select(method => method with
            {
                Timed = [.. results[method.Method].Where(result => result.ProcessorSeconds is not null)],
            }));
        }

        return timed;
    }
}
