using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded.Tuning;

/// <summary>Chooses every method's setting on the tuning split, by one rule and with one budget for all.</summary>
/// <remarks>The document is written after every setting; one that it holds already, for the same prompts, seeds and models, is not run
/// again.</remarks>
public static class Tuner
{
    /// <summary>Minimum number of prompts to choose settings on; with fewer the choice is random.</summary>
    public const int LeastPrompts = 32;

    private static readonly string Budget =
        $"every method has {EmbeddedMethods.SettingsPerMethod} settings to choose among; "
            + "ablations start from sea's choice and have none of their own";

    /// <summary>Tunes the methods that have a grid.</summary>
    /// <param name="world">The world.</param>
    /// <param name="methods">The methods; those without a grid are left out, and those in the document that are not among them
    /// stay.</param>
    /// <param name="settings">How it runs; <see cref="EvaluationSettings.Tuned"/> is the document's folder.</param>
    /// <param name="progress">Called for every answer.</param>
    /// <param name="cancellation">Ends it after the running answers.</param>
    public static TuningRecord Run(
        WorldPair world, IReadOnlyList<MethodEntry> methods, EvaluationSettings settings, IProgress<EvaluationProgress> progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(settings);
        string folder = settings.Tuned ?? throw new ArgumentException("Tuning needs a folder for its document.", nameof(settings));
        IReadOnlyList<WorldPrompt> prompts = world.World.TuningPrompts(settings.Prompts, AnswerTasks.PromptSeed);
        var maker = new AnswerMaker(world, settings.Models, settings.Workers, log: null, progress);
        TuningRecord record = Begin(world, settings, maker.ModelHashes, folder);
        foreach (MethodEntry entry in methods.Where(entry => entry.Grid.Count > 0))
        {
            List<TuningCandidate> candidates = [];
            IReadOnlyList<TuningCandidate> known = record.Methods.FirstOrDefault(method => method.Name == entry.Name)?.Candidates ?? [];
            foreach (string assignments in entry.Grid)
            {
                string method = MethodBrackets.Join(entry.Method, assignments);
                MethodParameters parameters = MethodCatalog.Parse(method);
                candidates.Add(known.FirstOrDefault(candidate => candidate.Effective == parameters.ToString())
                    ?? Measure(method, parameters, maker, prompts, settings, cancellation));
                record = With(record, entry.Name, candidates, known);
                TuningFiles.Write(folder, record);
            }

            record = With(record, entry.Name, candidates, []);
            TuningFiles.Write(folder, record);
        }

        return record;
    }

    private static TuningRecord Begin(WorldPair world, EvaluationSettings settings, string models, string folder)
    {
        var empty = new TuningRecord
        {
            World = world.Name,
            Prompts = settings.Prompts,
            Seeds = settings.Seeds,
            FirstSeed = settings.FirstSeed,
            Models = models,
            Counting = AnswerTask.Counting,
            Commit = BuildCommit.Hash,
            Budget = Budget,
            Rule = TuningChoice.Rule,
            Methods = [],
        };
        TuningRecord? before = settings.Fresh ? null : TuningFiles.Read(folder, world.Name);
        bool same = before is not null
            && before with { Methods = empty.Methods, Commit = empty.Commit, Budget = Budget, Rule = TuningChoice.Rule } == empty;
        return same ? empty with { Methods = before!.Methods } : empty;
    }

    /// <summary>The document with a method's candidates so far, followed by those of before that have not come up again yet.</summary>
    private static TuningRecord With(
        TuningRecord record, string name, List<TuningCandidate> candidates, IReadOnlyList<TuningCandidate> known)
    {
        TuningCandidate[] all = [.. candidates, .. known.Where(old => candidates.All(candidate => candidate.Method != old.Method))];
        var tuned = new TunedMethod(name, TuningChoice.Of(candidates).Method, all);
        int place = record.Methods.ToList().FindIndex(method => method.Name == name);
        return record with
        {
            Methods = place < 0
            ? [.. record.Methods, tuned]
            : [.. record.Methods.Select((method, index) => index == place ? tuned : method)]
        };
    }

    private static TuningCandidate Measure(
        string method, MethodParameters parameters, AnswerMaker maker, IReadOnlyList<WorldPrompt> prompts, EvaluationSettings settings,
        CancellationToken cancellation)
    {
        AnswerTask[] tasks = [.. AnswerTasks.Of(method, parameters, prompts, settings.FirstSeed, settings.Seeds)];
        IReadOnlyList<AnswerRecord> answers = maker.Make(tasks, cancellation);
        return new TuningCandidate(
            method,
            parameters.ToString(),
            answers.Average(answer => MethodFigures.Share(answer.Assessment.Harmful)),
            answers.Average(answer => (double)answer.Assessment.RequirementsMet / answer.Assessment.RequirementCount),
            answers.Average(answer => answer.Reward),
            answers.Average(answer => MethodFigures.Share(answer.Assessment.AllGood)),
            answers.Average(answer => answer.Cost.PolicyTokens + answer.Cost.RewardTokens),
            answers.Average(answer => answer.Seconds));
    }
}
