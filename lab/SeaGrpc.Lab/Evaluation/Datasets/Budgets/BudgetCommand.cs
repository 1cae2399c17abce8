using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Reports;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>
/// <c>eval --suite advbench --budgets</c>: every method at equal tokens, on models of the caller's. Writes a page, plots and the answers.
/// </summary>
internal static class BudgetCommand
{
    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="CliException">It cannot run, in plain words.</exception>
    public static async Task<int> RunAsync(DatasetArguments arguments)
    {
        using TextWriter output = StandardOutput.Open();
        DatasetFile file = DatasetCommand.Load(arguments.Suite, arguments.Data);
        DatasetFile? tuning = arguments.TuningData is { } tuned ? DatasetCommand.Load(arguments.Suite, tuned) : null;
        DatasetFile? benign = arguments.Benign is { } questions ? DatasetCommand.Load(DatasetSuite.TruthfulQa, questions) : null;
        TrainedJudge? judge = arguments.JudgePairs is { } pairs
            ? ProgressBars.While("training the judge", () => TrainedJudge.Of(pairs))
            : null;
        IReadOnlyList<HandVerdict> byHand = HandVerdict.Load(arguments.Out!);
        await using Sidecar? sidecar = arguments.Server is null ? await DatasetSidecar.StartAsync(arguments, file) : null;
        using var connection = new SidecarConnection(arguments.Server ?? ServerAddress.Parse(sidecar!.Address)!, arguments.Token);
        GetServerInfoResponse info = await connection.InfoAsync();
        var runs = new BudgetRuns(arguments, connection, info);
        try
        {
            int smallest = arguments.Budgets.Min(budget => budget.Tokens);
            int middle = arguments.Budgets.Select(budget => budget.Tokens).Order().ElementAt(arguments.Budgets.Count / 2);
            IReadOnlyList<TriedSetting> tried = tuning is null
                ? []
                : await BudgetTuning.RunAsync(runs, arguments.Suite, tuning, arguments.TuningRows, smallest);
            ScaledMethod unknowing = BudgetTuning.Chosen(BudgetFamilies.UnknowingSearch, tried);
            IReadOnlyList<MethodAtBudget> methods = await new BudgetMethods(runs, arguments, file, tried).RunAsync();
            DatasetArguments longer = BudgetOptions.Long(arguments);
            IReadOnlyList<MethodAtBudget> withLongAnswers = longer.Budgets.Count == 0
                ? []
                : await new BudgetMethods(new BudgetRuns(longer, connection, info), longer, file, tried, BudgetMethods.LongAnswers)
                    .RunAsync();
            var report = new BudgetReport
            {
                Setting = $"{RunSetting.Models(info, connection)} {RunSetting.Machine}",
                Data = Path.GetFileName(file.Path),
                Rows = file.Rows.ToDictionary(row => row.Id),
                MaxTokens = arguments.MaxTokens!.Value,
                Budgets = arguments.Budgets,
                Methods = methods,
                LongAnswers = withLongAnswers,
                MaxLongTokens = longer.MaxTokens!.Value,
                LongBudgets = longer.Budgets,
                Tuning = tried,
                Benign = benign is null
                    ? null
                    : await BenignStudy.RunAsync(runs, benign, arguments.StudyRows, middle, arguments.Seed),
                Drafts = arguments.HasDrafts
                    ? await DraftStudy.RunAsync(runs, file, arguments.Suite, arguments.StudyRows, middle)
                    : null,
                Cuts = arguments.HasCuts
                    ? await CutStudy.RunAsync(runs, file, arguments.Suite, arguments.StudyRows, middle, unknowing)
                    : null,
                Judges = new AnswerJudges(
                    judge, ReadJudge.Of(HandVerdict.Load(arguments.Out!, ReadJudge.File), runs.Finished(BudgetTuning.File))),
                ByHand = byHand,
            };
            await output.WriteAsync(ProgressBars.While("writing the page and its charts", () =>
            {
                BudgetPages.Write(report, arguments.Out!);
                return BudgetMarkdown.Tables(report);
            }));
            await output.WriteLineAsync($"Results: {Path.Combine(arguments.Out!, BudgetPages.Page)}");
            return ExitCodes.Success;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }
}
