using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// What a forward pass stores for its backward pass: the outputs of the products and the residual stream, but nothing that is quickly
/// recomputed. Owns its tensors.
/// </summary>
/// <param name="decoder">The layers.</param>
/// <param name="from">The first layer.</param>
/// <param name="to">The layer after the last one.</param>
/// <param name="ends">Whether the final norm follows.</param>
/// <param name="scaled">Scales inputs before the first layer.</param>
internal sealed class CpuTape(CpuDecoder decoder, int from, int to, bool ends, Func<Tensor, Tensor> scaled) : PassTape
{
    private readonly List<Layer> _layers = [];
    private PackedBatch? _batch;
    private Tensor? _last;

    /// <summary>The tensors stored for one layer.</summary>
    /// <param name="Entering">Residual stream before the layer [tokens, hidden].</param>
    /// <param name="Middle">Residual stream between attention and the feed-forward layer.</param>
    /// <param name="Context">Outputs of attention [tokens, heads * head].</param>
    /// <param name="GateUp">Gate and up [tokens, 2 * feed-forward].</param>
    /// <param name="Heads">The tensors stored by the attention of each part.</param>
    /// <param name="Fused">Queries, keys and values before norms and rotation [tokens, fused], if heads have a norm.</param>
    /// <param name="Branches">Outputs of attention and the feed-forward layer, if they have norms.</param>
    internal sealed record Layer(
        Tensor Entering, Tensor Middle, Tensor Context, Tensor GateUp, CpuAttention.Kept[] Heads, Tensor? Fused,
        (Tensor Attended, Tensor FedForward)? Branches)
    {
        public IEnumerable<Tensor> Tensors() =>
        [
            Entering, Middle, Context, GateUp,
            .. Fused is null ? Array.Empty<Tensor>() : [Fused],
            .. Branches is { } branches ? [branches.Attended, branches.FedForward] : Array.Empty<Tensor>(),
            .. Heads.SelectMany(heads => heads.Tensors()),
        ];
    }

    public int From => from;

    public int To => to;

    public bool Ends => ends;

    public PackedBatch Batch => _batch!;

    /// <summary>Output of the last layer.</summary>
    public Tensor Last => _last!;

    /// <summary>What was stored for a layer, counted from the first one.</summary>
    public Layer this[int index] => _layers[index];

    public void Add(Layer layer)
    {
        foreach (Tensor tensor in layer.Tensors())
        {
            tensor.DetachFromDisposeScope();
        }

        _layers.Add(layer);
    }

    public void Complete(PackedBatch passes, Tensor left)
    {
        (_batch, _last) = (passes, left.DetachFromDisposeScope());
        foreach (PackedPass part in passes.Parts)
        {
            part.Cosine.DetachFromDisposeScope();
            part.Sine.DetachFromDisposeScope();
        }
    }

    public override Tensor Backward(Tensor gradient, IReadOnlyCollection<long> starts) => scaled(decoder.Backward(this, gradient, starts));

    public override void Dispose()
    {
        foreach (Layer layer in _layers)
        {
            foreach (Tensor tensor in layer.Tensors())
            {
                tensor.Dispose();
            }
        }

        foreach (PackedPass part in _batch?.Parts ?? [])
        {
            part.Cosine.Dispose();
            part.Sine.Dispose();
        }

        _layers.Clear();
        _last?.Dispose();
    }
}
