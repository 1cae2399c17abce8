using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>One decoder layer: attention and a gated feed-forward layer, each after an RMSNorm and added to the residual stream.</summary>
internal sealed class DecoderLayer
{
    private readonly TransformerConfig _config;
    private readonly string _prefix;
    private readonly Tensor _attentionNorm;
    private readonly Attention _attention;
    private readonly Tensor? _attentionOutputNorm;
    private readonly Tensor _feedForwardNorm;
    private readonly FeedForward _feedForward;
    private readonly Tensor? _feedForwardOutputNorm;

    public DecoderLayer(TransformerConfig config, int index, WeightSource take)
    {
        _config = config;
        _prefix = $"model.layers.{index}.";
        using var scope = NewDisposeScope();
        _attentionNorm = Norm("input_layernorm", take);
        _attention = new Attention(config, _prefix + "self_attn.", take);
        _attentionOutputNorm = config.OutputNorms ? Norm("post_attention_layernorm", take) : null;
        _feedForwardNorm = Norm(FeedForwardNormName, take);
        _feedForward = new FeedForward(config, _prefix + "mlp.", take);
        _feedForwardOutputNorm = config.OutputNorms ? Norm("post_feedforward_layernorm", take) : null;
    }

    // In Llama, post_attention_layernorm is the norm before the feed-forward layer. In Gemma 2, it is the norm after attention.
    private string FeedForwardNormName => _config.OutputNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm";

    /// <summary>Norm before attention [hidden].</summary>
    public Tensor AttentionNorm => _attentionNorm;

    /// <summary>The attention.</summary>
    public Attention Attention => _attention;

    /// <summary>Norm after attention [hidden], or null.</summary>
    public Tensor? AttentionOutputNorm => _attentionOutputNorm;

    /// <summary>Norm before the feed-forward layer [hidden].</summary>
    public Tensor FeedForwardNorm => _feedForwardNorm;

    /// <summary>The feed-forward layer.</summary>
    public FeedForward FeedForward => _feedForward;

    /// <summary>Norm after the feed-forward layer [hidden], or null.</summary>
    public Tensor? FeedForwardOutputNorm => _feedForwardOutputNorm;

    public IEnumerable<Tensor> Leaves()
    {
        yield return _attentionNorm;
        foreach (Tensor leaf in _attention.Leaves())
        {
            yield return leaf;
        }

        yield return _feedForwardNorm;
        foreach (Tensor leaf in _feedForward.Leaves())
        {
            yield return leaf;
        }

        if (_config.OutputNorms)
        {
            yield return _attentionOutputNorm!;
            yield return _feedForwardOutputNorm!;
        }
    }

    public IEnumerable<(string Name, Tensor Value)> NamedWeights() =>
        [
            (_prefix + "input_layernorm.weight", _attentionNorm),
            .. _attention.NamedWeights(),
            (_prefix + FeedForwardNormName + ".weight", _feedForwardNorm),
            .. _feedForward.NamedWeights(),
            .. _config.OutputNorms
                ?
                [
                    (_prefix + "post_attention_layernorm.weight", _attentionOutputNorm!),
                    (_prefix + "post_feedforward_layernorm.weight", _feedForwardOutputNorm!),
                ]
                : Array.Empty<(string, Tensor)>(),
        ];

    /// <summary>Computes the output from the input, both [tokens, hidden].</summary>
    public Tensor Forward(Tensor hidden, PackedBatch batch, int index)
    {
        Tensor attended = hidden.Plus(
            Normed(_attention.Apply(RmsNorm.Apply(hidden, _attentionNorm, _config), batch, index), _attentionOutputNorm));
        return attended.Plus(Normed(_feedForward.Apply(RmsNorm.Apply(attended, _feedForwardNorm, _config)), _feedForwardOutputNorm));
    }

    private Tensor Norm(string name, WeightSource take) =>
        take(new WeightPart($"{_prefix}{name}.weight", _config.HiddenSize)).DetachFromDisposeScope();

    private Tensor Normed(Tensor input, Tensor? weight) => weight is null ? input : RmsNorm.Apply(input, weight, _config);
}
