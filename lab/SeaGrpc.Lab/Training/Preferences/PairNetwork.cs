using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// A reward model that reads pairs: its lower layers without a graph, the others with gradients of their weights.
/// </summary>
/// <param name="network">The model, on the CPU; stays the caller's.</param>
/// <param name="frozenLayers">Number of lower layers that stay as they are.</param>
internal sealed class PairNetwork(RewardNetwork network, int frozenLayers) : IDisposable
{
    private readonly TransformerDecoder _decoder = network.Decoder;
    private readonly RotaryEmbedding _rotary = new(network.Decoder.Config, network.Decoder.Device, network.Decoder.Dtype);

    /// <summary>The weights that are trained.</summary>
    /// <param name="withEmbeddings">Whether the embeddings are among them.</param>
    public IEnumerable<Tensor> Leaves(bool withEmbeddings) =>
    [
        .. withEmbeddings ? [_decoder.EmbeddingWeight] : Array.Empty<Tensor>(),
        .. _decoder.Layers.Skip(frozenLayers).SelectMany(layer => layer.Leaves()),
        _decoder.FinalNorm,
        network.Score,
    ];

    /// <summary>The states before the first layer that is trained.</summary>
    /// <returns>[rows * length, hidden].</returns>
    public Tensor Enter(PairBatch batch)
    {
        // Without frozen layers the embeddings may be trained.
        using var mode = set_grad_enabled(is_grad_enabled() && frozenLayers == 0);
        Tensor embeddings = _decoder.Scaled(_decoder.Embed(batch.Ids));
        return Run(batch, embeddings.flatten(0, 1), 0, frozenLayers);
    }

    /// <summary>The rewards of both texts of each pair.</summary>
    /// <param name="batch">The pairs.</param>
    /// <param name="entering">What <see cref="Enter"/> returned for them.</param>
    /// <returns>Each [rows], fp32.</returns>
    public (Tensor Chosen, Tensor Rejected) Rewards(PairBatch batch, Tensor entering)
    {
        Tensor states = Run(batch, entering, frozenLayers, _decoder.Layers.Count);
        return (At(batch.ChosenEnds()), At(batch.RejectedEnds()));

        // The norm is applied where it is read.
        Tensor At(Tensor ends)
        {
            Tensor hidden = RmsNorm.Apply(states.index_select(0, ends), _decoder.FinalNorm, _decoder.Config); // [rows, hidden]
            return nn.functional.linear(hidden.to(ScalarType.Float32), network.Score.to(ScalarType.Float32)).squeeze(-1);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rotary.Dispose();

    private Tensor Run(PairBatch batch, Tensor entering, int first, int end)
    {
        if (first == end)
        {
            return entering;
        }

        long tokens = entering.shape[0];
        PackedBatch packed = Pack(batch, entering);
        Tensor hidden = packed.Join([entering]);
        for (int layer = first; layer < end; layer++)
        {
            // Frees what only the layer itself needs; a graph keeps what the backward pass needs.
            using var within = NewDisposeScope();
            hidden = _decoder.Layers[layer].Forward(hidden, packed, layer).MoveToOuterDisposeScope();
        }

        return hidden.narrow(0, 0, tokens);
    }

    private PackedBatch Pack(PairBatch batch, Tensor entering)
    {
        using var noGrad = no_grad();
        TransformerConfig config = _decoder.Config;
        (Tensor cosines, Tensor sines) = _rotary.For(0, batch.LastPosition + 1);
        var pass = new DecoderPass(entering.view(batch.Pairs.Count, batch.Length, config.HiddenSize), null);
        int? window = config.Windows.FirstOrDefault(size => size is not null);
        Tensor everything = Mask(null);
        return new PackedBatch(
            [new PackedPass(pass, 0, Table(cosines), Table(sines), everything, window is null ? everything : Mask(window))],
            pass.Tokens,
            entering.device,
            entering.dtype,
            withGraph: true);

        // [rows, 1, positions, rotated].
        Tensor Table(Tensor table) => table.index_select(0, batch.Positions).view(pass.Rows, 1, pass.Positions, -1);

        // Query heads of one key/value head are stacked along the positions.
        Tensor Mask(int? seen) =>
            batch.Mask(seen).to(entering.dtype).repeat(1, 1, config.HeadCount / config.KeyValueHeadCount, 1);
    }
}
