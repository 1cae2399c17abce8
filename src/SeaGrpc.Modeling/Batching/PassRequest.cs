using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>One model pass that a lane waits for.</summary>
internal abstract class PassRequest
{
    private protected ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Number of exchanges that did not include it.</summary>
    public int Age { get; set; }

    /// <summary>Requests with equal keys can run together.</summary>
    public abstract object Key { get; }

    /// <summary>Requests with the same value run in the same exchange or not at all.</summary>
    public virtual object Inseparable => this;

    /// <summary>Its size, in token positions.</summary>
    public abstract long Tokens { get; }

    /// <summary>Whether it asks something outside the process, which takes none of the device's time.</summary>
    public virtual bool IsOutside => false;

    /// <summary>Whether it can run now. Only an answer from outside may have to be waited for.</summary>
    public virtual bool IsReady => true;

    /// <summary>Runs requests of one kind together, on the exchange's thread. If it throws, nothing has changed.</summary>
    /// <returns>Tensors to dispose after the lanes have taken their results.</returns>
    public abstract IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together);

    /// <summary>Makes the work that waits for it fail.</summary>
    public virtual void Fail(Exception cause) => Failure = ExceptionDispatchInfo.Capture(cause);
}

/// <summary>A pass with a result.</summary>
/// <typeparam name="T">Type of the result.</typeparam>
internal abstract class PassRequest<T> : PassRequest
{
    /// <summary>The result. Its tensors belong to the lane's scope.</summary>
    /// <exception cref="Exception">The exception that the pass failed with.</exception>
    public T Take()
    {
        Failure?.Throw();
        return Result();
    }

    protected abstract T Result();
}
