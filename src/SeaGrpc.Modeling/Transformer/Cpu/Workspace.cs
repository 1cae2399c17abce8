using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Temporary buffers of a batch's layers: one buffer of each kind for all layers, kept for the next pass. They are reallocated only if a
/// batch has more token positions than recent ones. Owns its tensors.
/// </summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>Maximum token positions of buffers that are kept after a pass.</summary>
    private const long MostKept = 1024;

    /// <summary>After this number of passes that use less than half of the memory, it is released.</summary>
    private const int Patience = 256;

    private readonly Dictionary<Buffer, Tensor> _buffers = [];
    private long _capacity;
    private long _largest;
    private int _passes;

    /// <summary>The kinds of buffers.</summary>
    internal enum Buffer
    {
        /// <summary>A norm's output, and the gradient at it: [tokens, hidden].</summary>
        Normed,

        /// <summary>An attention's or a feed-forward layer's output, and the gradient before an output norm: [tokens, hidden].</summary>
        Branch,

        /// <summary>An output norm's output: [tokens, hidden].</summary>
        NormedBranch,

        /// <summary>Queries, keys and values: [tokens, fused].</summary>
        Fused,

        /// <summary>The attention's outputs, where they are not kept, and the gradient at them: [tokens, heads * head].</summary>
        Context,

        /// <summary>Gate and up, where they are not kept, and the gradients at them: [tokens, 2 * feed-forward].</summary>
        GateUp,

        /// <summary>The gate's product, and the gradient at it: [tokens, feed-forward].</summary>
        Activated,
    }

    /// <summary>Number of times that buffers were allocated.</summary>
    public long Layouts { get; private set; }

    /// <summary>
    /// Runs a pass with buffers for its batch. If it fails, for example for lack of memory, all buffers are released, so that a smaller
    /// batch gets smaller ones.
    /// </summary>
    /// <param name="tokens">Token positions of the batch.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>The result of the pass.</returns>
    public Tensor During(long tokens, Func<Tensor> pass)
    {
        Begin(tokens);
        try
        {
            return pass();
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            End();
        }
    }

    private void Begin(long tokens)
    {
        _largest = Math.Max(_largest, tokens);
        _passes++;
        if (tokens > _capacity || _passes > Patience)
        {
            if (tokens > _capacity || _largest * 2 < _capacity)
            {
                Dispose();
                _capacity = Math.Max(tokens, _largest);
                Layouts++;
            }

            (_largest, _passes) = (tokens, 0);
        }
    }

    /// <summary>The first rows of a buffer [tokens, width], as a tensor in the caller's scope. Its content is undefined.</summary>
    public Tensor Take(Buffer kind, long tokens, long width, Tensor like)
    {
        if (!_buffers.TryGetValue(kind, out Tensor? buffer))
        {
            buffer = empty([_capacity, width], like.dtype, like.device).DetachFromDisposeScope();
            _buffers.Add(kind, buffer);
        }

        return buffer.narrow(0, 0, tokens);
    }

    private void End()
    {
        if (_capacity > MostKept)
        {
            Dispose();
        }
    }

    /// <summary>Releases all buffers.</summary>
    public void Dispose()
    {
        foreach (Tensor buffer in _buffers.Values)
        {
            buffer.Dispose();
        }

        _buffers.Clear();
        _capacity = 0;
    }
}
