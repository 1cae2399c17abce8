using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>Not a pass: an answer from outside the process. Its lane waits for it while other jobs run.</summary>
/// <typeparam name="T">Type of the answer.</typeparam>
internal sealed class OutsideRequest<T> : PassRequest<T>
{
    private readonly Action _stop;
    private readonly Task<T> _answer;

    /// <summary>Asks.</summary>
    /// <param name="ask">Begins to ask, and stops when the token is cancelled.</param>
    /// <param name="onAnswer">Called on any thread when the answer, or a failure, is there.</param>
    public OutsideRequest(Func<CancellationToken, Task<T>> ask, Action? onAnswer)
    {
        // Holds no timer and no handle, so nothing has to be disposed.
        var stop = new CancellationTokenSource();
        _stop = stop.Cancel;
        _answer = ask(stop.Token);
        _ = _answer.ContinueWith(
            answer =>
            {
                _ = answer.Exception; // Observed here if the job has been given up.
                onAnswer?.Invoke();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    public override object Key => typeof(OutsideRequest<T>);

    public override long Tokens => 0;

    public override bool IsOutside => true;

    public override bool IsReady => _answer.IsCompleted;

    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together) => [];

    /// <summary>Also stops asking.</summary>
    public override void Fail(Exception cause)
    {
        base.Fail(cause);
        Stop();
    }

    /// <summary>Stops asking, if there is no answer yet.</summary>
    public void Stop() => _stop();

    protected override T Result() => _answer.GetAwaiter().GetResult();
}
