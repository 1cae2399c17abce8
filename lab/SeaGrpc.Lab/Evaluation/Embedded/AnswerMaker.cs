using SeaGrpc.Alignment;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Computes answers on several workers, or takes finished ones from the log.</summary>
internal sealed class AnswerMaker
{
    private readonly WorldPair _world;
    private readonly ModelWorkers _workers;
    private readonly AnswerLog? _log;
    private readonly IProgress<EvaluationProgress> _progress;

    /// <summary>For one world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="models">Folder that holds the models' folders.</param>
    /// <param name="workerCount">Number of threads.</param>
    /// <param name="log">Finished answers; null if nothing is stored.</param>
    /// <param name="progress">Called for every answer.</param>
    public AnswerMaker(WorldPair world, string models, int workerCount, AnswerLog? log, IProgress<EvaluationProgress> progress)
    {
        _world = world;
        _log = log;
        _progress = progress;
        _workers = new ModelWorkers(() => world.Load(models), workerCount);
        using AlignmentModels loaded = world.Load(models);
        ModelHashes = $"{loaded.Policy.Description.Hash[..12]} {loaded.Rewards[0].Description.Hash[..12]}";
    }

    /// <summary>The first digits of the policy's and the reward model's hashes.</summary>
    public string ModelHashes { get; }

    /// <summary>The answers to tasks, in their order.</summary>
    public IReadOnlyList<AnswerRecord> Make(IReadOnlyList<AnswerTask> tasks, CancellationToken cancellation)
    {
        var answers = new AnswerRecord?[tasks.Count];
        string[] keys = [.. tasks.Select(task => task.Key(ModelHashes))];
        Dictionary<string,
        (int Done, int Total)> stages = tasks.GroupBy(task => task.Method).ToDictionary(stage => stage.Key, stage => (0, stage.Count()));
        List<int> missing = [];
        foreach ((int index, AnswerTask task) in tasks.Index())
        {
            answers[index] = _log?.Find(keys[index]) is { } found
                ? found with { Method = task.Method, PromptIndex = task.PromptIndex }
                : null;
            if (answers[index] is null)
            {
                missing.Add(index);
            }
            else
            {
                Count(stages, task.Method);
            }
        }

        foreach ((string stage, (int done, int total)) in stages.Where(stage => stage.Value.Done > 0).ToArray())
        {
            _progress.Report(new EvaluationProgress(_world.Name, stage, done, total));
        }

        _workers.ForEach(
            missing,
            (models, index) =>
            {
                AnswerRecord answer = AnswerRunner.Run(models, _world.World, tasks[index], keys[index]);
                answers[index] = answer;
                _log?.Add(answer);
                (int done, int total) = Count(stages, answer.Method);
                _progress.Report(new EvaluationProgress(_world.Name, answer.Method, done, total));
            },
            cancellation);
        return [.. answers.Select(answer => answer!)];
    }

    private static (int Done, int Total) Count(Dictionary<string, (int Done, int Total)> stages, string stage)
    {
        lock (stages)
        {
            (int done, int total) = stages[stage];
            stages[stage] = (done + 1, total);
            return stages[stage];
        }
    }
}
