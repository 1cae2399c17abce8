using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Testing.Runs;
using SeaGrpc.Testing.Time;

namespace SeaGrpc.Serving.Tests;

/// <summary>An engine over scripted runs and a clock that a test moves.</summary>
internal sealed class Harness : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly EncodedPrompt Prompt = new([1], [new RewardPrompt([1], [2])]);
    private ScriptedBackend? _backend;

    private Harness(Func<ulong, ScriptedRun> script, EngineOptions options, Action<int>? onScore, Func<ulong, long>? memoryBytes)
    {
        Engine = new AlignmentEngine(
            () =>
                _backend = new ScriptedBackend
                {
                    Script = task => script(task.Seed),
                    OnScore = onScore ?? (_ => { }),
                    Memory = task => new TaskMemory(0, memoryBytes?.Invoke(task.Seed) ?? 0, 0),
                },
            options,
            Clock);
    }

    public ManualTimeProvider Clock { get; } = new();

    public AlignmentEngine Engine { get; }

    public ScriptedBackend Backend => _backend ?? throw new InvalidOperationException("Not loaded yet.");

    /// <summary>Starts an engine that runs one job at a time unless options say otherwise.</summary>
    public static async Task<Harness> StartAsync(
        Func<ulong, ScriptedRun> script, EngineOptions? options = null, Action<int>? onScore = null, Func<ulong, long>? memoryBytes = null)
    {
        var harness = new Harness(script, options ?? new EngineOptions { MaxConcurrentJobs = 1 }, onScore, memoryBytes);
        await Soon(harness.Engine.Loaded);
        return harness;
    }

    public static AlignmentTask TaskOf(ulong seed, int[]? draft = null) =>
        new()
        {
            Prompt = Prompt,
            Method = new BaseParameters { ReferenceTemperature = 0.75 },
            Seed = seed,
            MaxResponseTokens = 8,
            Draft = draft
        };

    public AlignmentJob Submit(
        ulong seed = 0, JobLimits? limits = null, JobUpdateOptions? updates = null, RequestKey? key = null, string caller = "",
        int[]? draft = null)
    {
        using JobSlot slot = Engine.Reserve(key, caller);
        return slot.Replay ?? slot.Submit(TaskOf(seed, draft), limits, updates);
    }

    /// <summary>Limits with a deadline that far from now.</summary>
    public JobLimits Until(TimeSpan left) => new() { Deadline = Clock.GetUtcNow() + left };

    public Task<IReadOnlyList<ScoredResponse>> Score(int pairs, JobLimits? limits = null, CancellationToken cancellationToken = default)
    {
        using JobSlot slot = Engine.Reserve();
        return slot.SubmitScore(
            [.. Enumerable.Range(0, pairs).Select(i => (Prompt, (IReadOnlyList<int>)new int[i]))], 4, limits, null, cancellationToken);
    }

    public static async Task<List<AlignmentUpdate>> ReadAllAsync(AlignmentJob job)
    {
        using var patience = new CancellationTokenSource(Patience);
        List<AlignmentUpdate> events = [];
        await foreach (AlignmentUpdate next in job.ReadAllAsync(patience.Token))
        {
            events.Add(next);
        }

        return events;
    }

    public static async Task<T> NextAsync<T>(AlignmentJob job)
        where T : AlignmentUpdate
    {
        using var patience = new CancellationTokenSource(Patience);
        return Assert.IsType<T>(await job.ReadAsync(patience.Token));
    }

    public static Task Soon(Task task) => task.WaitAsync(Patience);

    public static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    /// <summary>Waits until a condition holds that another thread brings about.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long begun = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - begun < Patience.TotalMilliseconds, "The condition never came to hold.");
            await Task.Delay(1);
        }
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
