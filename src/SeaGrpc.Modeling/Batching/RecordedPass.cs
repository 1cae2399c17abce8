using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>A forward pass that can be walked back to its embeddings. Owns what that needs, a multiple of the hidden states in size.</summary>
public sealed class RecordedPass : IDisposable
{
    private readonly SharedTape tape;
    private readonly long start;
    private bool disposed;

    internal RecordedPass(SharedTape tape, Tensor hidden, long start)
    {
        this.tape = tape;
        this.start = start;
        Hidden = hidden;
    }

    /// <summary>Hidden states after the final norm [rows, positions, hidden]; a tensor of the scope in which the pass was asked for.</summary>
    public Tensor Hidden { get; }

    /// <summary>The gradient at the embeddings.</summary>
    /// <param name="gradient">That at <see cref="Hidden"/>, in the same shape and dtype.</param>
    /// <returns>The same shape.</returns>
    public Tensor Backward(Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        ObjectDisposedException.ThrowIf(disposed, this);
        return JobLane.Current is { } lane ? lane.Await(new BackwardRequest(tape, gradient, start)) : tape.Backward([(gradient, start)])[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            tape.Release();
        }
    }
}
