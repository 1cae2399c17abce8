using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>A gated feed-forward layer: down(activation(gate x) * up x).</summary>
internal sealed class FeedForward
{
    private readonly TransformerConfig config;
    private readonly Projection gateUp;
    private readonly Projection down;

    /// <param name="config">The decoder's shape.</param>
    /// <param name="prefix">Checkpoint name of the layer's feed-forward part, with its dot.</param>
    /// <param name="take">Hands over the weights.</param>
    public FeedForward(TransformerConfig config, string prefix, WeightSource take)
    {
        this.config = config;
        long width = config.IntermediateSize;
        gateUp = new Projection(
            config.FusedProjections ? [(prefix + "gate_up_proj", 2 * width)] : [(prefix + "gate_proj", width), (prefix + "up_proj", width)],
            config.HiddenSize,
            config.FeedForwardBias,
            take);
        down = new Projection([(prefix + "down_proj", config.HiddenSize)], width, config.FeedForwardBias, take);
    }

    /// <summary>To gate and up.</summary>
    public Projection GateUp => gateUp;

    /// <summary>From the gate's product.</summary>
    public Projection Down => down;

    public IEnumerable<Tensor> Leaves() => [.. gateUp.Leaves(), .. down.Leaves()];

    public IEnumerable<(string Name, Tensor Value)> NamedWeights() => [.. gateUp.NamedWeights(), .. down.NamedWeights()];

    /// <summary>[tokens, hidden] to the same shape.</summary>
    public Tensor Apply(Tensor input)
    {
        Tensor[] both = gateUp.Apply(input).split(config.IntermediateSize, -1);
        (Tensor gate, Tensor up) = (both[0], both[1]);
        Tensor activated = config.Activation == Activation.Silu
            ? nn.functional.silu(gate)
            : nn.functional.gelu(gate, TorchSharp.Modules.GELU.Approximate.tanh);
        return down.Apply(activated * up);
    }
}
