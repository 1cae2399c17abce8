using SeaGrpc.Modeling.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>What makes a reward of a hidden state: a linear map without bias, or two with biases and a ReLU between. Owns its weights.</summary>
public sealed class RewardHead : IDisposable
{
    private readonly (Tensor Weight, Tensor Bias)? first;
    private readonly Tensor? bias;
    private readonly RewardScale scale;

    private RewardHead((Tensor Weight, Tensor Bias)? first, Tensor weight, Tensor? bias, RewardScale scale)
    {
        this.first = first;
        this.bias = bias;
        this.scale = scale;
        Weight = weight;
    }

    /// <summary>The last map's weight [1, hidden].</summary>
    public Tensor Weight { get; }

    /// <summary>Number of weights.</summary>
    public long ParameterCount => Leaves().Sum(leaf => leaf.numel());

    /// <summary>The rewards of hidden states.</summary>
    /// <param name="hidden">Hidden states at the sequences' ends [rows, hidden].</param>
    /// <returns>[rows], fp32, in units of the scale.</returns>
    public Tensor Rewards(Tensor hidden)
    {
        Tensor input = first is { } map ? nn.functional.relu(nn.functional.linear(hidden, map.Weight, map.Bias)) : hidden;
        Tensor raw = nn.functional.linear(input, Weight, bias).flatten().to(ScalarType.Float32);
        if (scale == RewardScale.Raw)
        {
            return raw;
        }

        using Scalar mean = scale.Mean.ToScalar();
        using Scalar deviation = scale.Deviation.ToScalar();
        return raw.sub(mean).div(deviation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor leaf in Leaves())
        {
            leaf.Dispose();
        }
    }

    internal static RewardHead Load(CheckpointLoader loader, RewardScale scale)
    {
        using var scope = NewDisposeScope();
        long hidden = loader.Config.Transformer.HiddenSize;
        if (loader.Config.Head == ModelHead.Score)
        {
            return new RewardHead(null, loader.Take("score.weight", [1, hidden]).DetachFromDisposeScope(), null, scale);
        }

        return new RewardHead(
            (loader.Take("score.0.weight", [hidden, hidden]).DetachFromDisposeScope(), loader.Take("score.0.bias", [hidden]).DetachFromDisposeScope()),
            loader.Take("score.2.weight", [1, hidden]).DetachFromDisposeScope(),
            loader.Take("score.2.bias", [1]).DetachFromDisposeScope(),
            scale);
    }

    private IEnumerable<Tensor> Leaves()
    {
        if (first is { } map)
        {
            yield return map.Weight;
            yield return map.Bias;
        }

        yield return Weight;
        if (bias is not null)
        {
            yield return bias;
        }
    }
}
