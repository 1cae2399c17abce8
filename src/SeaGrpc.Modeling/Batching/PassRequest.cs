using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>One model pass that a lane waits for.</summary>
internal abstract class PassRequest
{
    private protected ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Exchanges that have gone by without it.</summary>
    public int Age { get; set; }

    /// <summary>Requests with equal keys can be done together.</summary>
    public abstract object Key { get; }

    /// <summary>Requests with the same one are done in one exchange, or none of them is.</summary>
    public virtual object Inseparable => this;

    /// <summary>Its size, in token positions.</summary>
    public abstract long Tokens { get; }

    /// <summary>Does requests of one kind together; called on the exchange's thread. Nothing has happened where it throws.</summary>
    /// <returns>Tensors to dispose of when the lanes have taken what is theirs.</returns>
    public abstract IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together);

    public void Fail(Exception cause) => Failure = ExceptionDispatchInfo.Capture(cause);
}

/// <summary>A pass that gives something.</summary>
/// <typeparam name="T">What it gives.</typeparam>
internal abstract class PassRequest<T> : PassRequest
{
    /// <summary>What the lane gets; its tensors are of the lane's scope.</summary>
    /// <exception cref="Exception">The pass failed, in this way.</exception>
    public T Take()
    {
        Failure?.Throw();
        return Result();
    }

    protected abstract T Result();
}
