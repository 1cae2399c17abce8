using System.Runtime.ExceptionServices;

namespace SeaGrpc.Serving.Jobs;

/// <summary>
/// Carries one job's events from the model thread to one reader. Posting never waits: an unread iteration is replaced by
/// the newest, so at most one event of each kind is held. Order is kept, and nothing but iterations is ever dropped.
/// </summary>
internal sealed class JobEventChannel
{
    private readonly Lock _gate = new();
    private readonly List<JobEvent> _unread = [];
    private ExceptionDispatchInfo? _failure;
    private bool _closed;
    private TaskCompletionSource? _waiter;

    /// <summary>Adds an event, or puts it in place of an unread iteration. Ignored once closed.</summary>
    public void Post(JobEvent next)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            if (next is JobIteration && _unread is [.., JobIteration])
            {
                _unread[^1] = next;
            }
            else
            {
                _unread.Add(next);
            }

            Wake();
        }
    }

    /// <summary>Nothing follows; a failure is thrown to the reader once it has read what is there.</summary>
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

    /// <summary>The next event, or null after the last.</summary>
    public async ValueTask<JobEvent?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task posted;
            lock (_gate)
            {
                if (_unread.Count > 0)
                {
                    JobEvent next = _unread[0];
                    _unread.RemoveAt(0);
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

    private void Wake()
    {
        _waiter?.SetResult();
        _waiter = null;
    }
}
