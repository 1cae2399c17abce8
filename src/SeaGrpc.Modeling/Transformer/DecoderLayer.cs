using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>One decoder layer: attention and a gated feed-forward layer, each behind an RMSNorm and added to the residual stream.</summary>
internal sealed class DecoderLayer
{
    private readonly TransformerConfig config;
    private readonly string prefix;
    private readonly Tensor attentionNorm;
    private readonly Attention attention;
    private readonly Tensor? attentionOutputNorm;
    private readonly Tensor feedForwardNorm;
    private readonly FeedForward feedForward;
    private readonly Tensor? feedForwardOutputNorm;

    public DecoderLayer(TransformerConfig config, int index, WeightSource take)
    {
        this.config = config;
        prefix = $"model.layers.{index}.";
        using var scope = NewDisposeScope();
        attentionNorm = Norm("input_layernorm", take);
        attention = new Attention(config, prefix + "self_attn.", take);
        attentionOutputNorm = config.OutputNorms ? Norm("post_attention_layernorm", take) : null;
        feedForwardNorm = Norm(FeedForwardNormName, take);
        feedForward = new FeedForward(config, prefix + "mlp.", take);
        feedForwardOutputNorm = config.OutputNorms ? Norm("post_feedforward_layernorm", take) : null;
    }

    // Llama's post_attention_layernorm stands before the feed-forward layer; Gemma 2's after the attention, as its name says.
    private string FeedForwardNormName => config.OutputNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm";

    /// <summary>Before the attention [hidden].</summary>
    public Tensor AttentionNorm => attentionNorm;

    /// <summary>The attention.</summary>
    public Attention Attention => attention;

    /// <summary>After the attention [hidden], or null.</summary>
    public Tensor? AttentionOutputNorm => attentionOutputNorm;

    /// <summary>Before the feed-forward layer [hidden].</summary>
    public Tensor FeedForwardNorm => feedForwardNorm;

    /// <summary>The feed-forward layer.</summary>
    public FeedForward FeedForward => feedForward;

    /// <summary>After the feed-forward layer [hidden], or null.</summary>
    public Tensor? FeedForwardOutputNorm => feedForwardOutputNorm;

    public IEnumerable<Tensor> Leaves()
    {
        yield return attentionNorm;
        foreach (Tensor leaf in attention.Leaves())
        {
            yield return leaf;
        }

        yield return feedForwardNorm;
        foreach (Tensor leaf in feedForward.Leaves())
        {
            yield return leaf;
        }

        if (config.OutputNorms)
        {
            yield return attentionOutputNorm!;
            yield return feedForwardOutputNorm!;
        }
    }

    public IEnumerable<(string Name, Tensor Value)> NamedWeights() =>
    [
        (prefix + "input_layernorm.weight", attentionNorm),
        .. attention.NamedWeights(),
        (prefix + FeedForwardNormName + ".weight", feedForwardNorm),
        .. feedForward.NamedWeights(),
        .. config.OutputNorms
            ? [(prefix + "post_attention_layernorm.weight", attentionOutputNorm!), (prefix + "post_feedforward_layernorm.weight", feedForwardOutputNorm!)]
            : Array.Empty<(string, Tensor)>(),
    ];

    /// <summary>[tokens, hidden] to the same shape.</summary>
    public Tensor Forward(Tensor hidden, PackedBatch batch, int index)
    {
        Tensor attended = hidden.Plus(Normed(attention.Apply(RmsNorm.Apply(hidden, attentionNorm, config), batch, index), attentionOutputNorm));
        return attended.Plus(Normed(feedForward.Apply(RmsNorm.Apply(attended, feedForwardNorm, config)), feedForwardOutputNorm));
    }

    private Tensor Norm(string name, WeightSource take) => take(new WeightPart($"{prefix}{name}.weight", config.HiddenSize)).DetachFromDisposeScope();

    private Tensor Normed(Tensor input, Tensor? weight) => weight is null ? input : RmsNorm.Apply(input, weight, config);
}
