using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Evaluation.Embedded.Tuning;
using SeaGrpc.Lab.Evaluation.Reports;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Commands;

/// <summary><c>eval --suite embedded</c>: compares the methods in the worlds that the project makes, or tunes them there.</summary>
internal sealed class EmbeddedSuite
{
    /// <summary>The suite's name.</summary>
    public const string Name = "embedded";

    private const string Everything = "all";
    private const string HeldOut = "held-out";
    private const string Tuning = "tuning";
    private const int FullPrompts = 200;
    private const int QuickPrompts = 48;
    private const int TuningPrompts = 64;
    private const int FullSeeds = 3;

    private readonly Option<string> world = new("--world") { Description = $"{EmbeddedWorlds.Names} or {Everything}.", DefaultValueFactory = _ => Everything };
    private readonly Option<string?> strength = new("--strength") { Description = "Only the policy of this strength (0.05), where a world has several." };
    private readonly Option<bool> tune = new("--tune") { Description = "Choose every method's settings on the tuning split and record them." };
    private readonly Option<bool> quick = new("--quick") { Description = "The main methods, each world's weakest policy, 48 prompts, one seed, no studies: at most five minutes on two cores." };
    private readonly Option<int?> prompts = new("--prompts") { Description = "Number of prompts (200; 48 with --quick, 64 with --tune)." };
    private readonly Option<int?> seeds = new("--seeds") { Description = "Runs per prompt and method (3; 1 with --quick and --tune)." };
    private readonly Option<ulong> seed = new("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> methods = new("--methods")
    {
        Description = $"What to run instead of the whole list: names of the list, or any of {MethodCatalog.Names}, with changed parameters in brackets: sea[chains=2].",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> workers = new("--workers")
    {
        Description = "Threads, each with its own copy of the models and one tensor thread.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<DirectoryInfo> models = new("--models")
    {
        Description = "Folder that holds the embedded models' folders.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "models")),
    };

    private readonly Option<DirectoryInfo> tuned = new("--tuned")
    {
        Description = "Folder of the recorded settings: --tune writes them, an evaluation reads them.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("docs", "results")),
    };

    private readonly Option<string> split = Splits(new("--split")
    {
        Description = "Prompts that an evaluation runs on; a setting is picked on tuning ones. --tune always takes those.",
        DefaultValueFactory = _ => HeldOut,
    });

    private readonly Option<bool> untuned = new("--untuned") { Description = "Run every method as it is, whatever is recorded." };
    private readonly Option<bool> fresh = new("--fresh") { Description = "Forget the partial results of earlier runs instead of going on from them." };
    private readonly Option<bool> noStudies = new("--no-studies") { Description = "Only the comparison: no prefilling attack, no numbers of chains." };
    private readonly Option<DirectoryInfo> output = new("--out")
    {
        Description = "Folder for results and partial results.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "eval")),
    };

    /// <summary>The suite's options.</summary>
    public IEnumerable<Option> Options => [world, strength, tune, quick, prompts, split, seeds, seed, methods, workers, models, tuned, untuned, fresh, noStudies, output];

    /// <summary>Runs it.</summary>
    public Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        IReadOnlyList<WorldPair> worlds;
        IReadOnlyList<MethodEntry> entries;
        try
        {
            entries = Entries(parsed);
            worlds = Worlds(parsed);
        }
        catch (ArgumentException error)
        {
            throw new CliException(error.Message, ExitCodes.Usage, error);
        }

        EvaluationSettings settings = Settings(parsed);
        if (parsed.GetValue(tune) && settings.Prompts < Tuner.LeastPrompts)
        {
            throw new CliException($"--tune needs at least {Tuner.LeastPrompts} prompts; with {settings.Prompts} chance chooses.", ExitCodes.Usage);
        }

        return Task.Run(() => EvaluationScreen.Show(progress => parsed.GetValue(tune)
            ? Tune(worlds, entries, settings, progress, cancellation)
            : Evaluate(worlds, entries, settings, progress, cancellation)));
    }

    private static Option<string> Splits(Option<string> option)
    {
        option.AcceptOnlyFromAmong(HeldOut, Tuning);
        return option;
    }

    private static string Tune(
        IReadOnlyList<WorldPair> worlds, IReadOnlyList<MethodEntry> entries, EvaluationSettings settings, IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        var text = new StringWriter();
        foreach (WorldPair pair in worlds)
        {
            TuningRecord record = Tuner.Run(pair, entries, settings, progress, cancellation);
            text.WriteLine(TuningFiles.PathOf(settings.Tuned!, pair.Name));
            foreach (TunedMethod method in record.Methods)
            {
                text.WriteLine($"  {method.Name}: {method.Chosen}");
            }
        }

        return text.ToString();
    }

    private static string Evaluate(
        IReadOnlyList<WorldPair> worlds, IReadOnlyList<MethodEntry> entries, EvaluationSettings settings, IProgress<EvaluationProgress> progress, CancellationToken cancellation)
    {
        var text = new StringWriter();
        List<WorldReport> reports = [];
        foreach (WorldPair pair in worlds)
        {
            WorldReport report = EmbeddedEvaluation.Run(pair, entries, settings, progress, cancellation);
            reports.Add(report);
            text.WriteLine($"{report.Title}: {report.PromptsInWords}, {report.Seeds} per prompt, {(report.Tuning is null ? "not tuned" : $"tuned: {report.Tuning}")}");
            text.WriteLine();
            text.WriteLine(EmbeddedMarkdown.Table(report));
            text.WriteLine(EmbeddedMarkdown.Comparison(report));
        }

        EmbeddedReports.Write(EvaluationReport.Of(reports, settings), settings.Output);
        text.WriteLine($"Written to {settings.Output}: results.json, results.md, plots.");
        return text.ToString();
    }

    private IReadOnlyList<WorldPair> Worlds(ParseResult parsed)
    {
        string root = parsed.GetRequiredValue(models).FullName;
        string? only = parsed.GetValue(strength);
        WorldPair[] pairs = [.. WorldPair.Of(parsed.GetRequiredValue(world)).Where(pair => only is null || pair.World.Models.Count == 1 || pair.Models.Strength.Split(' ')[^1] == only)];
        if (only is null && parsed.GetValue(quick))
        {
            // The weakest policy stands for its world.
            pairs = [.. pairs.DistinctBy(pair => pair.World.Name)];
        }

        if (pairs.Length == 0)
        {
            throw new ArgumentException($"No policy has the strength {only}.");
        }

        foreach (WorldPair missing in pairs.Where(pair => !pair.Exists(root)))
        {
            throw new ArgumentException($"The models of {missing.Title} are not in {root}: train writes them, --models names another folder, --world leaves them out.");
        }

        return pairs;
    }

    private IReadOnlyList<MethodEntry> Entries(ParseResult parsed) => parsed.GetValue(methods) is { Length: > 0 } names
        ? [.. names.Select(EmbeddedMethods.Named)]
        : parsed.GetValue(quick) ? EmbeddedMethods.Quick : EmbeddedMethods.All;

    private EvaluationSettings Settings(ParseResult parsed)
    {
        bool isQuick = parsed.GetValue(quick);
        bool isTuning = parsed.GetValue(tune);
        return new EvaluationSettings
        {
            Prompts = parsed.GetValue(prompts) ?? (isTuning ? TuningPrompts : isQuick ? QuickPrompts : FullPrompts),
            Split = parsed.GetValue(split) == Tuning ? EvaluationSplit.Tuning : EvaluationSplit.HeldOut,
            Seeds = parsed.GetValue(seeds) ?? (isTuning || isQuick ? 1 : FullSeeds),
            FirstSeed = parsed.GetValue(seed),
            Workers = Math.Max(1, parsed.GetValue(workers)),
            Models = parsed.GetRequiredValue(models).FullName,
            Output = parsed.GetRequiredValue(output).ToString(),
            Tuned = parsed.GetValue(untuned) ? null : parsed.GetRequiredValue(tuned).ToString(),
            Fresh = parsed.GetValue(fresh),
            Studies = !isQuick && !parsed.GetValue(noStudies),
        };
    }
}
