using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>
/// A forward pass through layers that can be differentiated with respect to its inputs, such as embeddings. Owns the tensors for that,
/// which are several times the size of the hidden states.
/// </summary>
public sealed class RecordedPass : IDisposable
{
    private readonly SharedTape? _tape;
    private readonly long _start;
    private readonly IReadOnlyList<RecordedPass> _parts = [];
    private bool _disposed;

    internal RecordedPass(SharedTape tape, Tensor hidden, long start)
    {
        _tape = tape;
        _start = start;
        Hidden = hidden;
        Rows = hidden.shape[0];
    }

    /// <summary>Combines the parts of a pass.</summary>
    /// <param name="parts">The parts, of consecutive rows; taken over.</param>
    /// <param name="hidden">Hidden states of all parts.</param>
    internal RecordedPass(IReadOnlyList<RecordedPass> parts, Tensor hidden)
    {
        _parts = parts;
        Hidden = hidden;
        Rows = hidden.shape[0];
    }

    /// <summary>
    /// Hidden states after the final norm, or above the last of the layers where others follow [rows, positions, hidden], in the scope of
    /// the caller that requested the pass.
    /// </summary>
    public Tensor Hidden { get; }

    private long Rows { get; }

    /// <summary>Computes the gradient at the inputs.</summary>
    /// <param name="gradient">Gradient at <see cref="Hidden"/>, in the same shape and dtype.</param>
    /// <returns>The gradient, in the same shape.</returns>
    public Tensor Backward(Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_tape is not null)
        {
            return JobLane.Current is { } lane
                ? lane.Await(new BackwardRequest(_tape, gradient, _start))
                : _tape.Backward([(gradient, _start)])[0];
        }

        Tensor whole = empty_like(gradient);
        long first = 0;
        foreach (RecordedPass part in _parts)
        {
            using var scope = NewDisposeScope();
            whole.narrow(0, first, part.Rows).copy_(part.Backward(gradient.narrow(0, first, part.Rows)));
            first += part.Rows;
        }

        return whole;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _tape?.Release();
            foreach (RecordedPass part in _parts)
            {
                part.Dispose();
            }
        }
    }
}
