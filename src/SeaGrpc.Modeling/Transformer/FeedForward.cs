using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>A gated feed-forward layer: down(activation(gate x) * up x).</summary>
internal sealed class FeedForward
{
    private readonly TransformerConfig _config;
    private readonly Projection _gateUp;
    private readonly Projection _down;

    /// <param name="config">The decoder's configuration.</param>
    /// <param name="prefix">Checkpoint name of the layer's feed-forward part, with a dot at its end.</param>
    /// <param name="take">Supplies the weights.</param>
    public FeedForward(TransformerConfig config, string prefix, WeightSource take)
    {
        _config = config;
        long width = config.IntermediateSize;
        _gateUp = new Projection(
            config.FusedProjections ? [(prefix + "gate_up_proj", 2 * width)] : [(prefix + "gate_proj", width), (prefix + "up_proj", width)],
            config.HiddenSize,
            config.FeedForwardBias,
            take);
        _down = new Projection([(prefix + "down_proj", config.HiddenSize)], width, config.FeedForwardBias, take);
    }

    /// <summary>Projection to gate and up.</summary>
    public Projection GateUp => _gateUp;

    /// <summary>Projection from the product of the gate.</summary>
    public Projection Down => _down;

    public IEnumerable<Tensor> Leaves() => [.. _gateUp.Leaves(), .. _down.Leaves()];

    public IEnumerable<(string Name, Tensor Value)> NamedWeights() => [.. _gateUp.NamedWeights(), .. _down.NamedWeights()];

    /// <summary>Computes the output from the input, both [tokens, hidden].</summary>
    public Tensor Apply(Tensor input)
    {
        Tensor[] both = _gateUp.Apply(input).split(_config.IntermediateSize, -1);
        (Tensor gate, Tensor up) = (both[0], both[1]);
        Tensor activated = _config.Activation == Activation.Silu
            ? nn.functional.silu(gate)
            : nn.functional.gelu(gate, TorchSharp.Modules.GELU.Approximate.tanh);
        return _down.Apply(activated * up);
    }
}
