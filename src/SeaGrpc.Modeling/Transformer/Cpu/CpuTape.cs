using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// What a forward pass keeps for the backward pass: the products' outputs and the residual stream, not what is quickly made of them. Owns
/// its tensors.
/// </summary>
/// <param name="decoder">The layers.</param>
/// <param name="scaled">What embeddings are multiplied by before they enter.</param>
internal sealed class CpuTape(CpuDecoder decoder, Func<Tensor, Tensor> scaled) : PassTape
{
    private readonly List<Layer> _layers = [];
    private PackedBatch? _batch;
    private Tensor? _last;

    /// <summary>What one layer keeps.</summary>
    /// <param name="Entering">The residual stream before it [tokens, hidden].</param>
    /// <param name="Middle">The stream between attention and feed-forward layer.</param>
    /// <param name="Context">The attention's outputs [tokens, heads * head].</param>
    /// <param name="GateUp">Gate and up [tokens, 2 * feed-forward].</param>
    /// <param name="Heads">What each part's attention keeps.</param>
    /// <param name="Fused">Queries, keys and values as they came [tokens, fused], where heads have a norm.</param>
    /// <param name="Branches">The outputs of attention and feed-forward layer, where they have norms.</param>
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

    public PackedBatch Batch => _batch!;

    /// <summary>What left the last layer.</summary>
    public Tensor Last => _last!;

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

    public override Tensor Backward(Tensor gradient) => scaled(decoder.Backward(this, gradient));

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
