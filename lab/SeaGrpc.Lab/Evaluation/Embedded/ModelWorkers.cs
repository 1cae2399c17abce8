using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>
/// Threads that each own a copy of the models and compute with one tensor thread. With tiny matrices this is faster than sharing products.
/// </summary>
/// <param name="load">Loads one copy.</param>
/// <param name="count">Number of threads; at least 1.</param>
internal sealed class ModelWorkers(Func<AlignmentModels> load, int count)
{
    /// <summary>Does every item of work once, in any order.</summary>
    /// <param name="work">The pieces.</param>
    /// <param name="run">Does one item, on a worker's own models.</param>
    /// <param name="cancellation">Checked between two items.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the items that had begun are finished.</exception>
    public void ForEach<T>(IEnumerable<T> work, Action<AlignmentModels, T> run, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<T>(work);
        if (queue.IsEmpty)
        {
            return;
        }

        ExceptionDispatchInfo? failure = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int threadsBefore = ComputeThreads.Count;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(count, queue.Count)).Select(_ => new Thread(Work) { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        ComputeThreads.Set(threadsBefore);
        failure?.Throw();
        cancellation.ThrowIfCancellationRequested();

        void Work()
        {
            try
            {
                ComputeThreads.Set(1);
                using AlignmentModels models = load();
                while (!stop.IsCancellationRequested && queue.TryDequeue(out T? piece))
                {
                    run(models, piece);
                }
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                stop.Cancel();
            }
        }
    }
}
