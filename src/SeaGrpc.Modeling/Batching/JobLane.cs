using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>
/// A thread of one job's work, which stands still where the work needs a model pass, until the exchange has done it. Only
/// one of an exchange's lanes runs at a time, and none while the exchange itself does: they are coroutines, on threads
/// because the tensor library keeps scopes and gradient mode by thread.
/// </summary>
public sealed class JobLane : IDisposable
{
    /// <summary>What a pass costs beside its positions, in positions.</summary>
    private const long PassCost = 64;

    [ThreadStatic]
    private static JobLane? current;

    private readonly PassExchange _exchange;
    private readonly SemaphoreSlim _go = new(0);
    private readonly SemaphoreSlim _back = new(0);
    private Action? _work;
    private ExceptionDispatchInfo? _failure;
    private bool _retired;

    internal JobLane(PassExchange exchange, int number)
    {
        _exchange = exchange;
        new Thread(Loop) { Name = $"sea-lane-{number}", IsBackground = true }.Start();
    }

    /// <summary>Whether it has no work begun and not ended.</summary>
    public bool IsIdle => _work is null;

    /// <summary>
    /// What its job has had of the device since it came, in token positions read and a fixed number more for every pass; a job that comes
    /// later begins where the least of those beside it stands.
    /// </summary>
    public long Spent { get; internal set; }

    /// <summary>The lane that this code runs on, or null.</summary>
    internal static JobLane? Current => current;

    /// <summary>Most token positions of one pass of its job, or part of a pass.</summary>
    internal long MaxTurnTokens => _exchange.MaxTurnTokens;

    /// <summary>The pass that its work waits for, or null.</summary>
    internal PassRequest? Waiting { get; private set; }

    /// <summary>Throws what the last work ended with, once.</summary>
    public void ThrowIfFailed()
    {
        ExceptionDispatchInfo? thrown = _failure;
        _failure = null;
        thrown?.Throw();
    }

    /// <summary>Begins a job's next piece of work; comes back when it has ended or waits for a pass.</summary>
    public void Begin(Action next)
    {
        _work = next;
        Continue();
    }

    /// <summary>Ends work that waits for a pass, by an exception there; comes back when it has ended.</summary>
    public void Abandon(Exception reason)
    {
        while (Waiting is { } pass)
        {
            pass.Fail(reason);
            Resume();
        }
    }

    /// <summary>Goes on with work whose pass is done; comes back when it has ended or waits again.</summary>
    internal void Resume()
    {
        Waiting = null;
        Continue();
    }

    /// <summary>Ends the thread, which must be idle.</summary>
    public void Dispose()
    {
        _retired = true;
        _go.Release();
    }

    /// <summary>On the lane: waits until the exchange has done a pass, or does it where nobody else wants the device.</summary>
    /// <returns>The pass's result, whose tensors are of the caller's scope.</returns>
    internal T Await<T>(PassRequest<T> request)
    {
        Spent += request.Tokens + PassCost;
        if (_exchange.MayGoOn)
        {
            IReadOnlyList<Tensor> shared = request.Run([request]);
            T result = request.Take();
            foreach (Tensor tensor in shared)
            {
                tensor.Dispose();
            }

            return result;
        }

        Waiting = request;
        _back.Release();
        _go.Wait();
        return request.Take();
    }

    private void Continue()
    {
        _go.Release();
        _back.Wait();
    }

    private void Loop()
    {
        current = this;
        while (true)
        {
            _go.Wait();
            if (_retired)
            {
                _go.Dispose();
                _back.Dispose();
                return;
            }

            try
            {
                _work!();
            }
            catch (Exception thrown)
            {
                _failure = ExceptionDispatchInfo.Capture(thrown);
            }

            _work = null;
            _back.Release();
        }
    }
}
