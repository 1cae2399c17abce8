using System.Collections.Concurrent;
using SeaGrpc.Alignment;
using TorchSharp;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Counts what the runs of one server own: themselves, and the tensors of the threads that they run on.</summary>
internal sealed class OwnedRuns
{
    private readonly ConcurrentBag<WeakReference> _runs = [];

    // The statistics are by thread: a tensor made on one and disposed of on another counts on both.
    private readonly ConcurrentDictionary<Thread, long> _tensors = [];
    private AlignmentModels? _models;
    private int _disposed;

    /// <summary>Runs that were made.</summary>
    public int Made => _runs.Count;

    /// <summary>Disposals, of all runs together.</summary>
    public int Disposed => Volatile.Read(ref _disposed);

    /// <summary>Tensors alive after the last piece of work; those that only the collector freed count as alive.</summary>
    public long Tensors => _tensors.Values.Sum();

    /// <summary>Runs that something still holds, after a collection.</summary>
    public int Held
    {
        get
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return _runs.Count(run => run.IsAlive);
        }
    }

    /// <summary>The backend whose runs are counted.</summary>
    public ScriptedBackend Backend(AlignmentModels models)
    {
        _models = models;
        return new ScriptedBackend(models, Start);
    }

    private ObservedRun Start(AlignmentTask task)
    {
        var run = new ObservedRun(_models!.Start(task), Note, () => Interlocked.Increment(ref _disposed));
        _runs.Add(new WeakReference(run));
        return run;
    }

    private void Note() => _tensors[Thread.CurrentThread] = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private sealed class ObservedRun(IAlignmentRun run, Action note, Action disposed) : IAlignmentRun
    {
        public bool IsFinished => run.IsFinished;

        public StopReason FinishReason => run.FinishReason;

        public bool HasResponse => run.HasResponse;

        public AlignmentUpdate? Advance()
        {
            try
            {
                return run.Advance();
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
            disposed();
            note();
        }
    }
}
