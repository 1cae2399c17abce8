using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>
/// The thread of one job's work. When the work needs a model pass, it blocks until the exchange has run the pass. Only one of an exchange's
/// lanes runs at a time, and none while the exchange itself runs. So lanes are coroutines; they are threads because the tensor library
/// keeps scopes and the gradient mode per thread.
/// </summary>
public sealed class JobLane : IDisposable
{
    /// <summary>Fixed cost of a pass, in addition to its positions and in the same unit.</summary>
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

    /// <summary>Whether it has no unfinished work.</summary>
    public bool IsIdle => _work is null;

    /// <summary>Whether its work waits for an answer from outside the process, so that it cannot continue yet.</summary>
    public bool IsWaitingOutside => Waiting is { IsReady: false };

    /// <summary>
    /// Device time that its job has used since it was opened: token positions read, plus a fixed number for every pass. A job that arrives
    /// later starts at the lowest value of the others.
    /// </summary>
    public long Spent { get; internal set; }

    /// <summary>The lane that this code runs on, or null.</summary>
    internal static JobLane? Current => current;

    /// <summary>Maximum token positions of one pass of its job, or of one part of a pass.</summary>
    internal long MaxTurnTokens => _exchange.MaxTurnTokens;

    /// <summary>Called on any thread when an answer from outside is there.</summary>
    internal Action? OnAnswer => _exchange.OnAnswer;

    /// <summary>The pass that its work waits for, or null.</summary>
    internal PassRequest? Waiting { get; private set; }

    /// <summary>Throws the exception that the last work ended with, once.</summary>
    public void ThrowIfFailed()
    {
        ExceptionDispatchInfo? thrown = _failure;
        _failure = null;
        thrown?.Throw();
    }

    /// <summary>Starts a job's next unit of work. Returns when the work has ended or waits for a pass.</summary>
    public void Begin(Action next)
    {
        _work = next;
        Continue();
    }

    /// <summary>Ends work that waits for a pass by throwing an exception there. Returns when the work has ended.</summary>
    public void Abandon(Exception reason)
    {
        while (Waiting is { } pass)
        {
            pass.Fail(reason);
            Resume();
        }
    }

    /// <summary>Continues work whose pass is done. Returns when the work has ended or waits again.</summary>
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

    /// <summary>Called on the lane: waits until the exchange has run a pass, or runs it here if nobody else wants the device.</summary>
    /// <returns>The pass's result. Its tensors belong to the caller's scope.</returns>
    internal T Await<T>(PassRequest<T> request)
    {
        Spent += request.Tokens + PassCost;
        if (request.IsReady && _exchange.MayGoOn)
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
