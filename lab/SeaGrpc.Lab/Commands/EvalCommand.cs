using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.PaperGrid;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Commands;

/// <summary>The <c>eval</c> command: methods on prompts, judged.</summary>
internal static class EvalCommand
{
    private static readonly string Suites =
        $"{EmbeddedSuite.Name} (the worlds that the project makes), or a public data file: {DatasetOptions.SuiteNames}";

    private static readonly Option<string> Suite = new("--suite")
    {
        Description = $"The suite to evaluate on: {Suites}.",
        DefaultValueFactory = _ => EmbeddedSuite.Name,
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var embedded = new EmbeddedSuite();
        var datasets = new DatasetOptions();
        var command = new Command("eval", "Run methods on prompts, judge the answers, and report figures, tables and plots.") { Suite };
        foreach (Option option in embedded.Options.Concat(datasets.Options))
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) => parsed.GetRequiredValue(Suite) switch
        {
            EmbeddedSuite.Name => embedded.RunAsync(parsed),
            string name when DatasetSuite.Find(name) is { } suite => RunAsync(datasets.Read(suite, parsed)),
            string other => throw new CliException($"The suite {other} is not known: use {Suites}.", ExitCodes.Usage),
        });
        return command;
    }

    private static Task<int> RunAsync(DatasetArguments arguments) =>
        arguments.Budgets.Count > 0 ? BudgetCommand.RunAsync(arguments)
        : arguments.PaperGridIterations is not null ? PaperGridCommand.RunAsync(arguments)
        : DatasetCommand.RunAsync(arguments);
}
