using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Transformer;
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
        return scale == RewardScale.Raw ? raw : raw.Plus(-scale.Mean).DividedBy(scale.Deviation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor leaf in Leaves())
        {
            leaf.Dispose();
        }
    }

    /// <summary>Checkpoint names and shapes of a head's weights, in the order of their use.</summary>
    internal static (string Name, long[] Shape)[] Shapes(ModelHead head, long hidden) => head == ModelHead.Score
        ? [("score.weight", [1, hidden])]
        : [("score.0.weight", [hidden, hidden]), ("score.0.bias", [hidden]), ("score.2.weight", [1, hidden]), ("score.2.bias", [1])];

    internal static RewardHead Load(CheckpointLoader loader, RewardScale scale)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts =
        [
            .. Shapes(loader.Config.Head, loader.Config.Transformer.HiddenSize).Select(part => loader.Take(new WeightPart(part.Name, part.Shape)).DetachFromDisposeScope()),
        ];
        return parts is [var only] ? new RewardHead(null, only, null, scale) : new RewardHead((parts[0], parts[1]), parts[2], parts[3], scale);
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
