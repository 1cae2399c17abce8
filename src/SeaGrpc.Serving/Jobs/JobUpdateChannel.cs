using System.Runtime.ExceptionServices;
using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Jobs;

/// <summary>
/// Carries one job's updates from the model thread to one reader. Posting never waits. A reader that keeps up gets every update. The newest
/// iteration replaces the waiting ones in two cases only: the reader is busy with an update (a write is under way) and more than
/// <see cref="MostInHand"/> wait, or it has not read for <see cref="MostWaiting"/> updates. Of a search's progress only the newest update
/// waits, until an iteration follows. Updates stay in order, and no others are dropped.
/// </summary>
internal sealed class JobUpdateChannel
{
    /// <summary>
    /// Maximum iterations that wait while the reader is busy with an update: about what arrives while a writer's thread waits for a
    /// processor.
    /// </summary>
    public const int MostInHand = 16;

    /// <summary>
    /// Maximum iterations that wait for a reader that is not busy. Such a reader is about to run, so this only bounds memory.
    /// </summary>
    public const int MostWaiting = 256;

    private readonly Lock _gate = new();
    private readonly Queue<AlignmentUpdate> _unread = new();
    private ExceptionDispatchInfo? _failure;
    private bool _closed;
    private bool _hasProgress;
    private bool _reading;
    private int _iterations;
    private TaskCompletionSource? _waiter;

    /// <summary>Adds an update, or replaces all unread iterations with it. Does nothing once the channel is closed.</summary>
    public void Post(AlignmentUpdate next)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            if (_hasProgress && next is (IterationUpdate or ProgressUpdate))
            {
                Drop(unread => unread is ProgressUpdate);
                _hasProgress = false;
            }

            _hasProgress |= next is ProgressUpdate;
            if (next is IterationUpdate && _iterations++ >= (_reading ? MostInHand : MostWaiting))
            {
                Drop(unread => unread is IterationUpdate);
                _iterations = 1;
            }

            _unread.Enqueue(next);
            Wake();
        }
    }

    /// <summary>Marks the end. A failure is thrown to the reader after it has read the remaining updates.</summary>
    public void Close(Exception? failure = null)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _failure = failure is null ? null : ExceptionDispatchInfo.Capture(failure);
            Wake();
        }
    }

    /// <summary>The next update, or null after the last. The reader counts as busy with it until it asks for the next one.</summary>
    public async ValueTask<AlignmentUpdate?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task posted;
            lock (_gate)
            {
                _reading = _unread.TryDequeue(out AlignmentUpdate? next);
                if (next is not null)
                {
                    _iterations -= next is IterationUpdate ? 1 : 0;
                    return next;
                }

                if (_closed)
                {
                    _failure?.Throw();
                    return null;
                }

                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                posted = _waiter.Task;
            }

            await posted.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Drop(Func<AlignmentUpdate, bool> isStale)
    {
        AlignmentUpdate[] kept = [.. _unread.Where(unread => !isStale(unread))];
        _unread.Clear();
        Array.ForEach(kept, _unread.Enqueue);
    }

    private void Wake()
    {
        _waiter?.SetResult();
        _waiter = null;
    }
}
