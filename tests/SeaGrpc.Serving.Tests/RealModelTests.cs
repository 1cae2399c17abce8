using System.Collections.Concurrent;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Requests;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Time;
using TorchSharp;

namespace SeaGrpc.Serving.Tests;

/// <summary>The engine over tiny random models: the whole way from a task to its tensors and back.</summary>
[Trait("tier", "slow")]
public sealed class RealModelTests
{
    private const int Jobs = 160;

    private static readonly MethodParameters[] Methods =
    [
        SeaParameters.Langevin with { Chains = 2, Iterations = 3, RewardWeight = 1 },
        new SeaParameters { Chains = 2, Iterations = 3, RewardWeight = 1 },
        new BestOfNParameters { SampleCount = 2 },
        new BaseParameters(),
        new ArgsParameters { Candidates = 3 },
        new ArgsParameters { Candidates = 3, Greedy = false, PrefixScoring = ArgsPrefixScoring.Raw, SampleDraft = false },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 2 },
        new ChunkBeamSearchParameters { BeamWidth = 2, SamplesPerBeam = 2, ChunkTokens = 1, PrefixScoring = BeamPrefixScoring.Rollout,
            Rollouts = 2 },
        new ChunkBeamSearchParameters { BeamWidth = 1, SamplesPerBeam = 70, ChunkTokens = 9 },
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task After_many_runs_that_end_in_every_way_as_many_tensors_live_as_before()
    {
        var clock = new ManualTimeProvider();
        ConcurrentDictionary<ulong, AlignmentJob> jobs = [];
        AlignmentEngine? engine = null;
        TensorCountingBackend? backend = null;

        // On the model thread after each piece of work, so that the ends do not depend on how fast the machine is.
        void AfterAdvance(ulong seed, AlignmentUpdate? update)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            if (update is DraftUpdate && seed % 8 == 7)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
            }

            if (update is DraftUpdate && seed % 16 == 11)
            {
                engine!.CancelRequest(KeyOf(seed).Id);
            }

            if (update is DraftUpdate && seed % 32 == 19 && jobs.TryGetValue(seed, out AlignmentJob? job))
            {
                job.Abandon();
            }
        }

        engine = new AlignmentEngine(
            () => backend = new TensorCountingBackend(TinyModels.Load(), AfterAdvance),
            new EngineOptions { MaxConcurrentJobs = 3, MaxQueuedJobs = Jobs },
            clock);
        await engine.Loaded.WaitAsync(Patience);
        EncodedPrompt prompt = backend!.Models.Prompts.EncodeText("abc");
        foreach (int kind in Enumerable.Range(0, Methods.Length))
        {
            // Once each before counting: what the models keep from here on is there.
            using JobSlot slot = engine.Reserve();
            await slot.Submit(TaskOf(prompt, kind)).Completion.WaitAsync(Patience);
        }

        long before = await backend.CountAsync(engine, prompt);
        for (int i = 0; i < Jobs; i++)
        {
            using JobSlot slot = engine.Reserve(KeyOf((ulong)i));
            AlignmentJob job = slot.Submit(TaskOf(prompt, i), LimitsOf(i));
            jobs[(ulong)i] = job;
            _ = i % 32 == 3 && (i % 3 == 0 ? job.Abandon() : job.Cancel());
        }

        string[] ends = await Task.WhenAll(jobs.Values.Select(EndAsync)).WaitAsync(Patience);
        long after = await backend.CountAsync(engine, prompt);
        await engine.DisposeAsync();

        Assert.Equal(before, after);
        string[] every =
        [
            nameof(StopReason.Iterations), nameof(StopReason.Converged), nameof(StopReason.Cancelled), nameof(StopReason.TimeLimit),
            nameof(AlignmentCancelledException), nameof(AlignmentDeadlineException),
            nameof(QueueTimeoutException), nameof(NumericFailureException),
        ];
        Assert.Equal(every.Order(), ends.Distinct().Order());
    }

    private static AlignmentTask TaskOf(EncodedPrompt prompt, int i) => new()
    {
        Prompt = prompt,
        Seed = (ulong)i,
        MaxResponseTokens = 4,
        Method = MethodOf(i),
    };

    private static MethodParameters MethodOf(int i)
    {
        MethodParameters method = Methods[i % Methods.Length];
        return i % 8 == 5 && method is SeaParameters sea ? sea with { RewardWeight = double.MaxValue } : method;
    }

    private static JobLimits LimitsOf(int i) => (i % 8) switch
    {
        1 => new JobLimits { TimeLimit = TimeSpan.FromTicks(1), QueueTimeout = TimeSpan.FromHours(1) },
        2 => new JobLimits { QueueTimeout = TimeSpan.FromMilliseconds(1) },
        7 => new JobLimits { TimeLimit = TimeSpan.FromMilliseconds(500), QueueTimeout = TimeSpan.FromHours(1) },
        _ => new JobLimits { QueueTimeout = TimeSpan.FromHours(1) },
    };

    private static RequestKey KeyOf(ulong seed) => new($"request-{seed}", "hash");

    private static async Task<string> EndAsync(AlignmentJob job)
    {
        try
        {
            return (await job.Completion).Outcome.StopReason.ToString();
        }
        catch (Exception failure)
        {
            return failure.GetType().Name;
        }
    }

    /// <summary>Counts the tensors of the model thread between jobs; those that only the collector freed count as alive.</summary>
    private sealed class TensorCountingBackend(AlignmentModels models, Action<ulong, AlignmentUpdate?> afterAdvance) : IAlignmentBackend
    {
        // The statistics are by thread: a tensor made on one and disposed of on another counts on both.
        private readonly ConcurrentDictionary<int, long> _alive = [];

        public AlignmentModels Models => models;

        public IAlignmentRun Start(AlignmentTask task) =>
            new ObservedRun(models.Start(task), Note, update => afterAdvance(task.Seed, update));

        public TaskMemory MemoryOf(AlignmentTask task) => models.MemoryOf(task);

        public TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together) =>
            models.MemoryOf(pairs, together);

        public long MemoryShare => models.MemoryShare;

        public void KeepReadings(long bytes) => models.KeepReadings(bytes);

        public IReadOnlyList<ScoredResponse> Score(
            IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
            double rewardWeight,
            IReadOnlyList<double>? mixtureWeights = null,
            double referenceTemperature = 1)
        {
            try
            {
                return models.Score(pairs, rewardWeight, mixtureWeights, referenceTemperature);
            }
            finally
            {
                Note();
            }
        }

        public void Dispose() => models.Dispose();

        /// <summary>The tensors alive when no job runs.</summary>
        public async Task<long> CountAsync(AlignmentEngine engine, EncodedPrompt prompt)
        {
            await Harness.UntilAsync(() => engine.RunningJobs == 0);
            using JobSlot slot = engine.Reserve();
            await slot.SubmitScore([(prompt, [])], 1).WaitAsync(Patience);
            return _alive.Values.Sum();
        }

        private void Note() => _alive[Environment.CurrentManagedThreadId] = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
    }

    private sealed class ObservedRun(IAlignmentRun run, Action note, Action<AlignmentUpdate?> afterAdvance) : IAlignmentRun
    {
        public bool IsFinished => run.IsFinished;

        public StopReason FinishReason => run.FinishReason;

        public bool HasResponse => run.HasResponse;

        public AlignmentUpdate? Advance()
        {
            try
            {
                AlignmentUpdate? update = run.Advance();
                afterAdvance(update);
                return update;
            }
            finally
            {
                note();
            }
        }

        public AlignmentOutcome Complete(StopReason reason) => run.Complete(reason);

        public void Dispose()
        {
            run.Dispose();
            note();
        }
    }
}
