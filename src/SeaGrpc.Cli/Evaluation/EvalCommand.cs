using System.CommandLine;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Cli.Evaluation.Datasets;
using SeaGrpc.Evaluation;
using SeaGrpc.Evaluation.Datasets;
using SeaGrpc.Modeling;
using SeaGrpc.Worlds;

namespace SeaGrpc.Cli.Evaluation;

/// <summary>The <c>eval</c> command: methods on prompts of the embedded world, judged exactly, as a Markdown table.</summary>
internal static class EvalCommand
{
    /// <summary>Seed of the choice of prompts; the runs' own seeds follow from <c>--seed</c>.</summary>
    private const int PromptSeed = 2;

    private const string Embedded = "embedded";

    private static readonly Option<string> Suite = new("--suite")
    {
        Description = $"What to evaluate on: {Embedded}, or a public data file: {DatasetOptions.SuiteNames}.",
        DefaultValueFactory = _ => Embedded,
    };

    private static readonly DatasetOptions Datasets = new();

    private static readonly Option<string?> Output = new("--out") { Description = "Results file.", HelpName = "FILE" };

    private static readonly Option<int> Prompts = new("--prompts") { Description = "Number of prompts.", DefaultValueFactory = _ => 48 };

    private static readonly Option<bool> Tuning = new("--tuning") { Description = "Use the tuning split instead of the held-out one." };

    private static readonly Option<string[]> Methods = new("--methods")
    {
        Description = $"What to run: {MethodCatalog.Names}.",
        DefaultValueFactory = _ => ["base", "best-of-64", "sea"],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<DirectoryInfo> Models = new("--models")
    {
        Description = "Folder that holds tiny-policy and tiny-reward.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "models")),
    };

    private static readonly Option<ulong> Seed = new("--seed") { Description = "Seed of the first run.", DefaultValueFactory = _ => 1 };

    private static readonly SeaOverrides Overrides = new();

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("eval", "Run methods on held-out prompts of the embedded world and judge the answers.")
        {
            Suite, Prompts, Tuning, Methods, Models, Seed, Output,
        };
        foreach (Option option in Overrides.Options.Concat(Datasets.Options))
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) => parsed.GetRequiredValue(Suite) switch
        {
            Embedded => Task.FromResult(Run(parsed)),
            string name when DatasetSuite.Find(name) is { } suite => DatasetCommand.RunAsync(Datasets.Read(suite, parsed)),
            string other => throw new CliException($"The suite {other} is not known: use {Embedded}, {DatasetOptions.SuiteNames}.", ExitCodes.Usage),
        });
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string folder = parsed.GetRequiredValue(Models).FullName;
        int count = parsed.GetRequiredValue(Prompts);
        IReadOnlyList<WorldPrompt> prompts = parsed.GetValue(Tuning)
            ? SupportDesk.TuningPrompts(count, PromptSeed)
            : SupportDesk.HeldOutPrompts(count, PromptSeed);
        (string, MethodParameters)[] methods = [.. parsed.GetRequiredValue(Methods).Select(name => (name, Named(name, parsed)))];
        using var models = new AlignmentModels(
            PolicyModel.Load(Path.Combine(folder, "tiny-policy")), RewardModel.Load(Path.Combine(folder, "tiny-reward")));
        Console.WriteLine($"{prompts.Count} {(parsed.GetValue(Tuning) ? "tuning" : "held-out")} prompts, {ComputeThreads.Count} threads, "
            + $"{models.Policy.Description.Device}, {models.Policy.Description.Dtype}, seed {parsed.GetRequiredValue(Seed)}");
        Console.WriteLine();
        Console.WriteLine(MethodFigures.Header);
        foreach ((string name, MethodParameters method) in methods)
        {
            Console.WriteLine(MethodFigures.Measure(name, method, models, prompts, parsed.GetRequiredValue(Seed)).ToRow());
        }

        return 0;
    }

    private static MethodParameters Named(string name, ParseResult parsed) => MethodCatalog.Parse(name) switch
    {
        SeaParameters sea => Overrides.Apply(sea, parsed),
        MethodParameters other => other,
    };
}
