using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Every method at every budget, with its chosen setting, at the size that spends the budget.</summary>
/// <param name="runs">What runs.</param>
/// <param name="arguments">What was asked for.</param>
/// <param name="file">The rows.</param>
/// <param name="tried">What tuning found.</param>
/// <param name="answers">The results file in the folder of the comparison.</param>
internal sealed class BudgetMethods(
    BudgetRuns runs, DatasetArguments arguments, DatasetFile file, IReadOnlyList<TriedSetting> tried,
    string answers = BudgetMethods.Answers)
{
    private const int ProbedRows = 2;
    private const string Answers = "answers.jsonl";

    /// <summary>The file of results with long answers.</summary>
    public const string LongAnswers = "long-answers.jsonl";

    private const string Timed = "timed.jsonl";

    private readonly DatasetRow[] _rows = [.. file.Rows.Take(arguments.Limit ?? int.MaxValue)];

    /// <summary>Runs them, or reads what is there.</summary>
    public async Task<IReadOnlyList<MethodAtBudget>> RunAsync()
    {
        (BudgetFamily Family, ScaledMethod Setting)[] chosen =
        [
            .. BudgetFamilies.All.Where(family => RowsOf(family) > 0).Select(family => (family, BudgetTuning.Chosen(family, tried))),
        ];
        var sizes = arguments.IsFromResults ? null : await ProbeAsync(chosen);
        List<(MethodAtBudget Found, DatasetMethod Method)> found = [];
        foreach (TokenBudget budget in arguments.Budgets.OrderBy(budget => budget.Tokens))
        {
            List<(BudgetFamily Family, DatasetMethod Method, int Rows)> methods = [];
            foreach ((BudgetFamily family, ScaledMethod setting) in chosen.Where(one => one.Family.LeastBudget <= budget.Tokens))
            {
                string? text = sizes is null
                    ? await FinishedAsync(family, setting, budget.Tokens)
                    : sizes.TryGetValue(setting, out double spent) ? setting.For(budget.Tokens, spent) : setting.Tried(budget.Tokens);
                if (text is null)
                {
                    continue;
                }

                methods.Add((family, Method(text, family), Math.Min(Math.Min(budget.Rows ?? int.MaxValue, RowsOf(family)), _rows.Length)));
            }

            // Methods of as many rows go row by row, so that an early end leaves comparable results of all of them.
            var results = new Dictionary<string, IReadOnlyList<RowResult>>(StringComparer.Ordinal);
            foreach (var group in methods.GroupBy(method => method.Rows).OrderByDescending(group => group.Key))
            {
                foreach ((string name, IReadOnlyList<RowResult> those) in await runs.RunAsync(
                    arguments.Suite, _rows[..group.Key], [.. group.Select(method => method.Method)], answers))
                {
                    results[name] = those;
                }
            }

            found.AddRange(methods.Select(method => (
                new MethodAtBudget(
                    budget.Tokens, method.Family, method.Method.Name, [.. results[method.Method.Name].Where(IsAnswered)], method.Rows),
                method.Method)));
        }

        return await TimeAsync(found);
    }

    private static bool IsAnswered(RowResult result) => result.Answer is not null;

    private int RowsOf(BudgetFamily family) => arguments.FamilyRows.GetValueOrDefault(family.Name, int.MaxValue);

    private DatasetMethod Method(string text, BudgetFamily family) => runs.Method(text, file, arguments.Suite, family.BringsRefusal);

    /// <summary>The tokens a prompt that each setting spends at its own size.</summary>
    private async Task<IReadOnlyDictionary<ScaledMethod, double>> ProbeAsync(
        IReadOnlyList<(BudgetFamily Family, ScaledMethod Setting)> chosen)
    {
        (ScaledMethod Setting, DatasetMethod Method)[] probed =
        [
            .. chosen.Where(one => one.Setting is { HasSize: true, KeepsBudget: false })
                .Select(one => (one.Setting, Method(one.Setting.Tried(0), one.Family))),
        ];
        var results = await runs.RunAsync(
            arguments.Suite, [.. _rows.Take(ProbedRows)], [.. probed.Select(one => one.Method)], answers);
        return probed.ToDictionary(
            one => one.Setting,
            one => results[one.Method.Name].Average(result => result.ModelTokens) ?? throw new CliException(
                $"{one.Method.Name} has no answer, so its size cannot be fitted to a budget: the results file says why.",
                ExitCodes.Failure));
    }

    /// <summary>
    /// The size with the most finished rows of those that spend about the budget, or that a run would choose, and that one where they have
    /// as many; null where there is none. A method that ends by itself may spend less than a budget at any size.
    /// </summary>
    private async Task<string?> FinishedAsync(BudgetFamily family, ScaledMethod setting, int budget)
    {
        if (!setting.HasSize || setting.KeepsBudget)
        {
            return setting.Tried(budget);
        }

        IEnumerable<string> finished = runs.Finished(answers).Select(result => result.Method);
        HashSet<string> names = [.. finished];
        (string Text, DatasetMethod Method)[] sizes =
        [
            .. setting.AllSizes().Reverse()
                .Where(text => names.Contains(family.BringsRefusal ? DatasetMethod.WithAlternatives(text) : text))
                .Select(text => (text, Method(text, family))),
        ];
        var results = await runs.RunAsync(arguments.Suite, _rows, [.. sizes.Select(size => size.Method)], answers);
        string? chosen = await ChosenAsync(family, setting, budget);
        return sizes.Select(size => (size.Text, Answers: results[size.Method.Name].Where(IsAnswered).ToArray()))
            .Where(size => size.Answers.Length > 0)
            .Select(size => (size.Text, size.Answers.Length, Tokens: size.Answers.Average(result => result.ModelTokens) ?? 0))
            .Where(size => size.Text == chosen || ScaledMethod.IsAbout(size.Tokens, budget))
            .OrderByDescending(size => size.Length).ThenByDescending(size => size.Text == chosen)
            .ThenBy(size => Math.Abs(size.Tokens - budget))
            .Select(size => size.Text)
            .FirstOrDefault();
    }

    /// <summary>The size that a run would choose, by the finished rows of the tuned one; null without any.</summary>
    private async Task<string?> ChosenAsync(BudgetFamily family, ScaledMethod setting, int budget)
    {
        DatasetMethod probed = Method(setting.Tried(0), family);
        var results = await runs.RunAsync(arguments.Suite, [.. _rows.Take(ProbedRows)], [probed], answers);
        return results[probed.Name].Average(result => result.ModelTokens) is { } spent ? setting.For(budget, spent) : null;
    }

    private async Task<IReadOnlyList<MethodAtBudget>> TimeAsync(IReadOnlyList<(MethodAtBudget Found, DatasetMethod Method)> methods)
    {
        if (arguments.TimedRows == 0)
        {
            return [.. methods.Select(one => one.Found)];
        }

        List<MethodAtBudget> timed = [];
        foreach (var group in methods.GroupBy(one => (one.Found.Budget, Rows: Math.Min(arguments.TimedRows, one.Found.Asked))))
        {
            var results = await runs.RunAsync(
                arguments.Suite, _rows[..group.Key.Rows], [.. group.Select(one => one.Method)], Timed, isAlone: true);
            timed.AddRange(group.Select(one => one.Found with
            {
                Timed = [.. results[one.Method.Name].Where(result => result.ProcessorSeconds is not null)],
            }));
        }

        return timed;
    }
}
