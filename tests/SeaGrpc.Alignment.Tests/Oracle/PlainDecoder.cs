using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Oracle;

/// <summary>
/// The Llama form written as plainly as can be, for comparison: separate projections, explicit attention weights,
/// repeated key/value heads, no cache. Any float type.
/// </summary>
internal sealed class PlainDecoder
{
    private readonly TransformerConfig _config;
    private readonly Dictionary<string, Tensor> _weights;

    public PlainDecoder(TransformerDecoder decoder, ScalarType dtype)
    {
        _config = decoder.Config;
        _weights = decoder.NamedWeights().ToDictionary(weight => weight.Name, weight => weight.Value.to(dtype).clone());
        Output = _weights.GetValueOrDefault("lm_head.weight", Embedding);
    }

    public Tensor Embedding => _weights["model.embed_tokens.weight"];

    public Tensor Output { get; }

    /// <summary>[rows, positions, hidden] to hidden states of the same shape.</summary>
    public Tensor Forward(Tensor embeddings)
    {
        Tensor hidden = embeddings;
        for (int index = 0; index < _config.LayerCount; index++)
        {
            string prefix = $"model.layers.{index}.";
            hidden = hidden.Plus(Attention(Norm(hidden, prefix + "input_layernorm.weight"), prefix + "self_attn."));
            hidden = hidden.Plus(FeedForward(Norm(hidden, prefix + "post_attention_layernorm.weight"), prefix + "mlp."));
        }

        return Norm(hidden, "model.norm.weight");
    }

    private Tensor Norm(Tensor input, string name) =>
        input / input.Squared().mean([-1L], keepdim: true).Plus(_config.RmsNormEpsilon).sqrt() * _weights[name];

    private Tensor Heads(Tensor input, string name, int heads) =>
        matmul(input, _weights[name].t()).view(input.shape[0], input.shape[1], heads, _config.HeadSize).transpose(1, 2);

    private Tensor Attention(Tensor input, string prefix)
    {
        long positions = input.shape[1];
        int share = _config.HeadCount / _config.KeyValueHeadCount;
        Tensor query = Rotate(Heads(input, prefix + "q_proj.weight", _config.HeadCount));
        Tensor key = Rotate(Heads(input, prefix + "k_proj.weight", _config.KeyValueHeadCount)).repeat_interleave(share, 1);
        Tensor value = Heads(input, prefix + "v_proj.weight", _config.KeyValueHeadCount).repeat_interleave(share, 1);
        Tensor scores = matmul(query, key.transpose(2, 3)).Times(1 / Math.Sqrt(_config.HeadSize));
        Tensor future = ones(positions, positions, ScalarType.Bool).triu(1);
        Tensor context = matmul(nn.functional.softmax(scores.FilledWhere(future, double.NegativeInfinity), -1), value);
        return matmul(context.transpose(1, 2).reshape(input.shape[0], positions, -1), _weights[prefix + "o_proj.weight"].t());
    }

    private Tensor Rotate(Tensor input)
    {
        long half = _config.HeadSize / 2;
        Tensor frequencies = Doubles(half, index => Math.Pow(_config.RopeTheta, index * (-2.0 / _config.HeadSize)));
        Tensor angles = Doubles(input.shape[2], position => position).unsqueeze(1) * frequencies;
        Tensor cosine = angles.cos().to(input.dtype);
        Tensor sine = angles.sin().to(input.dtype);
        Tensor low = input.narrow(3, 0, half);
        Tensor high = input.narrow(3, half, half);
        return cat([low * cosine - high * sine, (high * cosine).Plus(low * sine)], 3);
    }

    private static Tensor Doubles(long count, Func<int, double> of) => tensor(Enumerable.Range(0, (int)count).Select(of).ToArray());

    private Tensor FeedForward(Tensor input, string prefix)
    {
        Tensor gate = matmul(input, _weights[prefix + "gate_proj.weight"].t());
        Tensor up = matmul(input, _weights[prefix + "up_proj.weight"].t());
        return matmul(gate * gate.sigmoid() * up, _weights[prefix + "down_proj.weight"].t());
    }
}
