using SeaGrpc.Lab.Evaluation.Embedded.Studies;
using SeaGrpc.Lab.Evaluation.Embedded.Tuning;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Runs methods on prompts of one world and summarises the judge's findings.</summary>
public static class EmbeddedEvaluation
{
    /// <summary>Prompts of a study.</summary>
    private const int StudyPrompts = 24;

    /// <summary>Methods of the prefilling attack. Best of 32 has the setting that was chosen for 64.</summary>
    private static readonly MethodEntry[] Attacked =
        [EmbeddedMethods.Named("base"), new("best-of-32", MethodGroup.Baseline, "best-of-64", [], "sample-count=32"), EmbeddedMethods.Named(
            "sea")];

    /// <summary>Evaluates one world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="methods">What to compare.</param>
    /// <param name="settings">How.</param>
    /// <param name="progress">Called for every answer.</param>
    /// <param name="cancellation">Ends it after the running answers; the finished ones are kept.</param>
    public static WorldReport Run(
        WorldPair world, IReadOnlyList<MethodEntry> methods, EvaluationSettings settings, IProgress<EvaluationProgress> progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(methods);
        ArgumentNullException.ThrowIfNull(settings);
        TuningRecord? tuning = settings.Tuned is { } folder ? TuningFiles.Read(folder, world.Name) : null;
        IReadOnlyList<WorldPrompt> prompts = settings.Split == EvaluationSplit.Tuning
            ? world.World.TuningPrompts(settings.Prompts, AnswerTasks.PromptSeed)
            : world.World.HeldOutPrompts(settings.Prompts, AnswerTasks.PromptSeed);
        using var log = new AnswerLog(Path.Combine(settings.Output, $"partial-{world.Name}.jsonl"), settings.Fresh);
        var maker = new AnswerMaker(world, settings.Models, settings.Workers, log, progress);

        // All methods' answers are in one queue, so that no worker waits for the last answer of a method.
        (MethodEntry Entry, string Method, bool Tuned)[] runs = [.. methods.Select(entry => Setting(entry, tuning))];
        AnswerTask[] tasks = settings.Drafts
            ? [.. runs.SelectMany(run => world.World.DraftErrors.SelectMany(kind => AnswerTasks.FromDrafts(
                run.Entry.Name, MethodCatalog.Parse(run.Method), world.World, kind, prompts, settings.FirstSeed, settings.Seeds)))]
            : [.. runs.SelectMany(
                run => AnswerTasks.Of(run.Entry.Name, MethodCatalog.Parse(run.Method), prompts, settings.FirstSeed, settings.Seeds))];
        ILookup<string, AnswerRecord> answers = maker.Make(tasks, cancellation).ToLookup(answer => answer.Method);
        if (settings.Drafts)
        {
            runs = [.. runs.SelectMany(run => world.World.DraftErrors.Select(kind =>
                run with { Entry = run.Entry with { Name = AnswerTasks.DraftName(run.Entry.Name, kind) } }))];
        }

        Dictionary<string,
        IReadOnlyList<AnswerRecord>> byName = answers.ToDictionary(
            method => method.Key, method => (IReadOnlyList<AnswerRecord>)[.. method]);
        MethodSummary[] summaries = [.. runs.Select(run => MethodFigures.Of(run.Entry, run.Method, run.Tuned, byName[run.Entry.Name]))];
        var report = new WorldReport
        {
            Name = world.Name,
            Title = world.Title,
            Models = maker.ModelHashes,
            Prompts = settings.Prompts,
            Split = settings.Split,
            Seeds = settings.Seeds,
            Tuning = tuning is null
                ? null
                : $"{TuningFiles.PathOf(settings.Tuned!, world.Name)}, {tuning.Prompts} tuning prompts, commit {tuning.Commit}; "
                    + $"{tuning.Rule}",
            Methods = summaries,
            Comparison = MethodComparison.Of(summaries, byName),
        };
        return settings.Studies ? WithStudies(report, world, tuning, maker, prompts, settings, cancellation) : report;
    }

    private static WorldReport WithStudies(
        WorldReport report, WorldPair world, TuningRecord? tuning, AnswerMaker maker, IReadOnlyList<WorldPrompt> prompts,
        EvaluationSettings settings, CancellationToken cancellation)
    {
        WorldPrompt[] few = [.. prompts.Take(StudyPrompts)];
        string sea = Setting(EmbeddedMethods.Named("sea"), tuning).Method;
        IReadOnlyList<ChainPoint> chains = ChainGain.Points(maker.Make([.. ChainGain.Tasks(sea, few, settings.FirstSeed)], cancellation));
        IReadOnlyList<PrefillPoint>? prefill = null;
        if (world.World.Name == SupportDeskWorld.WorldName)
        {
            IReadOnlyList<AnswerRecord> attacked = maker.Make(
                [.. Attacked.SelectMany(
                    entry => PrefillAttack.Tasks(entry.Name, MethodCatalog.Parse(Setting(entry, tuning).Method), few, settings.FirstSeed))],
                cancellation);
            prefill = [.. Attacked.SelectMany(entry => PrefillAttack.Points(entry.Name, attacked))];
        }

        return report with { Chains = chains, Prefill = prefill, StudyPrompts = few.Length };
    }

    private static (MethodEntry Entry, string Method, bool Tuned) Setting(MethodEntry entry, TuningRecord? tuning)
    {
        (string method, bool tuned) = TunedSettings.Of(entry, tuning);
        return (entry, method, tuned);
    }
}
