using SeaGrpc.Modeling.Transformer.Cpu;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Grouped-query attention with rotary position embeddings.</summary>
internal sealed class Attention
{
    private readonly TransformerConfig _config;
    private readonly string _prefix;
    private readonly Projection _queryKeyValue;
    private readonly Projection _output;
    private readonly Tensor? _queryNorm;
    private readonly Tensor? _keyNorm;

    /// <param name="config">The decoder's configuration.</param>
    /// <param name="prefix">Checkpoint name of the layer's attention part, with a dot at its end.</param>
    /// <param name="take">Supplies the weights.</param>
    public Attention(TransformerConfig config, string prefix, WeightSource take)
    {
        _config = config;
        _prefix = prefix;
        long queries = (long)config.HeadCount * config.HeadSize;
        long keys = (long)config.KeyValueHeadCount * config.HeadSize;
        _queryKeyValue = new Projection(
            config.FusedProjections
                ? [(prefix + "qkv_proj", queries + (2 * keys))]
                : [(prefix + "q_proj", queries), (prefix + "k_proj", keys), (prefix + "v_proj", keys)],
            config.HiddenSize,
            config.AttentionInputBias,
            take);
        _output = new Projection([(prefix + "o_proj", config.HiddenSize)], queries, config.AttentionOutputBias, take);
        if (config.QueryKeyNorm)
        {
            _queryNorm = take(new WeightPart(prefix + "q_norm.weight", config.HeadSize)).DetachFromDisposeScope();
            _keyNorm = take(new WeightPart(prefix + "k_norm.weight", config.HeadSize)).DetachFromDisposeScope();
        }
    }

    /// <summary>Projection to queries, keys and values.</summary>
    public Projection QueryKeyValue => _queryKeyValue;

    /// <summary>Projection from the heads' outputs.</summary>
    public Projection Output => _output;

    /// <summary>The norms of queries and keys.</summary>
    public HeadNorms Norms => new(_queryNorm, _keyNorm);

    public IEnumerable<Tensor> Leaves() =>
        [.. _queryKeyValue.Leaves(), .. _output.Leaves(), .. _queryNorm is null ? Array.Empty<Tensor>() : [_queryNorm, _keyNorm!]];

    public IEnumerable<(string Name, Tensor Value)> NamedWeights() =>
        [
            .. _queryKeyValue.NamedWeights(),
            .. _output.NamedWeights(),
            .. _queryNorm is null
                ? Array.Empty<(string, Tensor)>()
                : [(_prefix + "q_norm.weight", _queryNorm), (_prefix + "k_norm.weight", _keyNorm!)],
        ];

    /// <summary>Computes the output from the input, both [tokens, hidden].</summary>
    public Tensor Apply(Tensor input, PackedBatch batch, int layer)
    {
        Tensor fused = _queryKeyValue.Apply(input);
        bool windowed = _config.WindowOf(layer) is not null;
        return _output.Apply(batch.Join([.. batch.Parts.Select(part => Within(
            part,
            fused.narrow(0, part.Start, part.Pass.Tokens),
            windowed ? part.WindowMask : part.Mask,
            part.Pass.Cache?.Layer(layer)))]));
    }

    /// <summary>Attention within one pass: [tokens, fused] to [tokens, heads * head].</summary>
    private Tensor Within(PackedPass part, Tensor fusedTokens, Tensor? mask, LayerCache? cache)
    {
        (long rows, long positions) = (part.Pass.Rows, part.Pass.Positions);
        long heads = _config.HeadCount;
        long groups = _config.KeyValueHeadCount;
        Tensor fused = fusedTokens.view(rows, positions, heads + 2 * groups, _config.HeadSize).transpose(1, 2);
        // Queries and keys are rotated together: [rows, heads + groups, positions, head].
        Tensor[] parts = fused.split([heads + groups, groups], 1);
        Tensor[] rotated = RotaryEmbedding.Rotate(Normalised(parts[0]), part.Cosine, part.Sine).split([heads, groups], 1);
        (Tensor query, Tensor key, Tensor value) = (rotated[0], rotated[1], parts[1]);
        if (cache is not null)
        {
            (key, value) = cache.Append(key, value);
        }

        // Grouped-query attention without copying keys: the heads of a group are stacked along the positions.
        long share = heads / groups;
        Tensor stacked = Scaled(query.reshape(rows, groups, share * positions, _config.HeadSize));
        Tensor context = _config.AttentionSoftCap is { } cap
            ? Capped(stacked, key, value, mask, cap)
            : nn.functional.scaled_dot_product_attention(stacked, key, value, mask);
        return context.reshape(rows, heads, positions, _config.HeadSize)
            .transpose(1, 2)
            .reshape(rows * positions, heads * _config.HeadSize);
    }

    private Tensor Normalised(Tensor queriesAndKeys) => _queryNorm is null
        ? queriesAndKeys
        : cat(
            [
                RmsNorm.Apply(queriesAndKeys.narrow(1, 0, _config.HeadCount), _queryNorm, _config),
                RmsNorm.Apply(queriesAndKeys.narrow(1, _config.HeadCount, _config.KeyValueHeadCount), _keyNorm!, _config),
            ],
            1);

    // The attention below divides by sqrt(head), so another divisor is applied to the queries.
    private Tensor Scaled(Tensor query) => _config.QueryScalar == 0 || _config.QueryScalar == _config.HeadSize
        ? query
        : query.Times(Math.Sqrt(_config.HeadSize / _config.QueryScalar));

    /// <summary>softmax(cap tanh(q k / (cap sqrt(head))) + mask) v, with the softmax in fp32.</summary>
    private Tensor Capped(Tensor query, Tensor key, Tensor value, Tensor? mask, double cap)
    {
        Tensor scores = matmul(query, key.transpose(2, 3)).Times(1 / (cap * Math.Sqrt(_config.HeadSize))).tanh().Times(cap);
        Tensor masked = mask is null ? scores : scores.Plus(mask);
        return matmul(nn.functional.softmax(masked, -1, ScalarType.Float32).to(value.dtype), value);
    }
}
