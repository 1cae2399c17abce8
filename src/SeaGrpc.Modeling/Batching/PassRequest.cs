using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>One model pass that a lane waits for.</summary>
internal abstract class PassRequest
{
    private ExceptionDispatchInfo? failure;

    /// <summary>Exchanges that have gone by without it.</summary>
    public int Age { get; set; }

    /// <summary>Requests with equal keys can be done together.</summary>
    public abstract object Key { get; }

    /// <summary>Its size, in token positions.</summary>
    public abstract long Tokens { get; }

    /// <summary>Does requests of one kind together; called on the exchange's thread. Nothing has happened where it throws.</summary>
    /// <returns>Tensors to dispose of when the lanes have taken what is theirs.</returns>
    public abstract IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together);

    public void Fail(Exception cause) => failure = ExceptionDispatchInfo.Capture(cause);

    /// <summary>What the lane gets, a tensor of its own scope.</summary>
    /// <exception cref="Exception">The pass failed, in this way.</exception>
    public Tensor Take()
    {
        failure?.Throw();
        return Result();
    }

    protected abstract Tensor Result();
}
