using SeaGrpc.Alignment;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

/// <summary>A backend without models. Makes the run that a test scripted for a task's seed; counts what lives.</summary>
internal sealed class ScriptedBackend : IAlignmentBackend
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _disposedRuns;

    /// <summary>Makes the run of a task.</summary>
    public required Func<AlignmentTask, ScriptedRun> Script { get; init; }

    /// <summary>Called at the start of each batch of scores with its number of pairs.</summary>
    public Action<int> OnScore { get; init; } = _ => { };

    public List<ScriptedRun> Runs { get; } = [];

    public int DisposedRuns => Volatile.Read(ref _disposedRuns);

    public bool IsDisposed { get; private set; }

    /// <summary>The temperature of pi_ref that the last scores were asked for at.</summary>
    public double ReferenceTemperature { get; private set; }

    public IAlignmentRun Start(AlignmentTask task)
    {
        Assert.Equal(_thread, Environment.CurrentManagedThreadId);
        ScriptedRun run = Script(task);
        lock (Runs)
        {
            Runs.Add(run);
        }

        return run;
    }

    /// <summary>What a task needs.</summary>
    public Func<AlignmentTask, TaskMemory> Memory { get; init; } = _ => new TaskMemory(0, 0, 0);

    public TaskMemory MemoryOf(AlignmentTask task) => Memory(task);

    public TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together) => new(0, 0, 0);

    public long MemoryShare => 0;

    public IReadOnlyList<ScoredResponse> Score(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        IReadOnlyList<double>? mixtureWeights = null,
        double referenceTemperature = 1)
    {
        ReferenceTemperature = referenceTemperature;
        OnScore(pairs.Count);
        return [.. pairs.Select(pair => new ScoredResponse(pair.Response, true, pair.Response.Count, 0, -rewardWeight))];
    }

    public void Dispose()
    {
        Assert.Equal(_thread, Environment.CurrentManagedThreadId);
        IsDisposed = true;
    }

    /// <summary>For <see cref="ScriptedRun.OnDispose"/>.</summary>
    public void Count(ScriptedRun run) => Interlocked.Increment(ref _disposedRuns);
}
