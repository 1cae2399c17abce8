using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>One decoder layer: attention and SwiGLU, each behind an RMSNorm and added to the residual stream.</summary>
/// <remarks>q, k, v are fused into one projection, gate and up into another: half the matrix products, each twice as large.</remarks>
internal sealed class DecoderLayer
{
    private readonly TransformerConfig config;
    private readonly string prefix;
    private readonly Tensor attentionNorm;
    private readonly Tensor queryKeyValue;
    private readonly Tensor attentionOutput;
    private readonly Tensor feedForwardNorm;
    private readonly Tensor gateUp;
    private readonly Tensor down;

    public DecoderLayer(TransformerConfig config, int index, WeightSource take)
    {
        this.config = config;
        prefix = $"model.layers.{index}.";
        long hidden = config.HiddenSize;
        long queries = (long)config.HeadCount * config.HeadSize;
        long keys = (long)config.KeyValueHeadCount * config.HeadSize;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        attentionNorm = take(prefix + "input_layernorm.weight", [hidden]).DetachFromDisposeScope();
        queryKeyValue = cat(
            [
                take(prefix + "self_attn.q_proj.weight", [queries, hidden]),
                take(prefix + "self_attn.k_proj.weight", [keys, hidden]),
                take(prefix + "self_attn.v_proj.weight", [keys, hidden]),
            ],
            0).DetachFromDisposeScope();
        attentionOutput = take(prefix + "self_attn.o_proj.weight", [hidden, queries]).DetachFromDisposeScope();
        feedForwardNorm = take(prefix + "post_attention_layernorm.weight", [hidden]).DetachFromDisposeScope();
        gateUp = cat(
            [
                take(prefix + "mlp.gate_proj.weight", [config.IntermediateSize, hidden]),
                take(prefix + "mlp.up_proj.weight", [config.IntermediateSize, hidden]),
            ],
            0).DetachFromDisposeScope();
        down = take(prefix + "mlp.down_proj.weight", [hidden, config.IntermediateSize]).DetachFromDisposeScope();
    }

    public IEnumerable<Tensor> Leaves() => [attentionNorm, queryKeyValue, attentionOutput, feedForwardNorm, gateUp, down];

    public IEnumerable<(string Name, Tensor Value)> NamedWeights()
    {
        long queries = (long)config.HeadCount * config.HeadSize;
        long keys = (long)config.KeyValueHeadCount * config.HeadSize;
        yield return (prefix + "input_layernorm.weight", attentionNorm);
        yield return (prefix + "self_attn.q_proj.weight", queryKeyValue.narrow(0, 0, queries));
        yield return (prefix + "self_attn.k_proj.weight", queryKeyValue.narrow(0, queries, keys));
        yield return (prefix + "self_attn.v_proj.weight", queryKeyValue.narrow(0, queries + keys, keys));
        yield return (prefix + "self_attn.o_proj.weight", attentionOutput);
        yield return (prefix + "post_attention_layernorm.weight", feedForwardNorm);
        yield return (prefix + "mlp.gate_proj.weight", gateUp.narrow(0, 0, config.IntermediateSize));
        yield return (prefix + "mlp.up_proj.weight", gateUp.narrow(0, config.IntermediateSize, config.IntermediateSize));
        yield return (prefix + "mlp.down_proj.weight", down);
    }

    /// <summary>[rows, positions, hidden] to the same shape.</summary>
    public Tensor Forward(Tensor hidden, Tensor cosine, Tensor sine, Tensor? mask, KeyValueCache.LayerCache? cache)
    {
        Tensor attended = hidden.Plus(Attention(RmsNorm.Apply(hidden, attentionNorm, config.RmsNormEpsilon), cosine, sine, mask, cache));
        return attended.Plus(FeedForward(RmsNorm.Apply(attended, feedForwardNorm, config.RmsNormEpsilon)));
    }

    private Tensor Attention(Tensor input, Tensor cosine, Tensor sine, Tensor? mask, KeyValueCache.LayerCache? cache)
    {
        (long rows, long positions) = (input.shape[0], input.shape[1]);
        long heads = config.HeadCount;
        long groups = config.KeyValueHeadCount;
        Tensor fused = nn.functional.linear(input, queryKeyValue)
            .view(rows, positions, heads + 2 * groups, config.HeadSize).transpose(1, 2);
        // Queries and keys are rotated together: [rows, heads + groups, positions, head].
        Tensor rotated = RotaryEmbedding.Rotate(fused.narrow(1, 0, heads + groups), cosine, sine);
        Tensor query = rotated.narrow(1, 0, heads);
        Tensor key = rotated.narrow(1, heads, groups);
        Tensor value = fused.narrow(1, heads + groups, groups);
        if (cache is not null)
        {
            (key, value) = cache.Append(key, value);
        }

        // Grouped-query attention without copying keys: the heads of one group stand one after the other as positions.
        long share = heads / groups;
        Tensor stacked = query.reshape(rows, groups, share * positions, config.HeadSize);
        Tensor context = nn.functional.scaled_dot_product_attention(stacked, key, value, mask);
        context = context.reshape(rows, heads, positions, config.HeadSize).transpose(1, 2)
            .reshape(rows, positions, heads * config.HeadSize);
        return nn.functional.linear(context, attentionOutput);
    }

    private Tensor FeedForward(Tensor input)
    {
        Tensor both = nn.functional.linear(input, gateUp);
        Tensor gated = nn.functional.silu(both.narrow(-1, 0, config.IntermediateSize))
            * both.narrow(-1, config.IntermediateSize, config.IntermediateSize);
        return nn.functional.linear(gated, down);
    }
}
