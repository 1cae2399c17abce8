using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>
/// Computes a reward from a hidden state: one linear map without bias, or two with biases and a ReLU between them. Owns its weights.
/// </summary>
public sealed class RewardHead : IDisposable
{
    private readonly (Tensor Weight, Tensor Bias)? _first;
    private readonly Tensor? _bias;
    private readonly RewardScale _scale;

    private RewardHead((Tensor Weight, Tensor Bias)? first, Tensor weight, Tensor? bias, RewardScale scale)
    {
        _first = first;
        _bias = bias;
        _scale = scale;
        Weight = weight;
    }

    /// <summary>Weight of the last map [1, hidden].</summary>
    public Tensor Weight { get; }

    /// <summary>Number of weights.</summary>
    public long ParameterCount => Leaves().Sum(leaf => leaf.numel());

    /// <summary>The rewards of hidden states.</summary>
    /// <param name="hidden">Hidden states at the ends of sequences [rows, hidden].</param>
    /// <returns>[rows], fp32, in units of the reward scale.</returns>
    public Tensor Rewards(Tensor hidden)
    {
        Tensor input = _first is { } map ? nn.functional.relu(nn.functional.linear(hidden, map.Weight, map.Bias)) : hidden;
        Tensor raw = nn.functional.linear(input, Weight, _bias).flatten().to(ScalarType.Float32);
        return _scale == RewardScale.Raw ? raw : raw.Plus(-_scale.Mean).DividedBy(_scale.Deviation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor leaf in Leaves())
        {
            leaf.Dispose();
        }
    }

    /// <summary>Checkpoint names and shapes of a head's weights, in the order in which they are applied.</summary>
    internal static (string Name, long[] Shape)[] Shapes(ModelHead head, long hidden) => head == ModelHead.Score
        ? [("score.weight", [1, hidden])]
        : [("score.0.weight", [hidden, hidden]), ("score.0.bias", [hidden]), ("score.2.weight", [1, hidden]), ("score.2.bias", [1])];

    internal static RewardHead Load(CheckpointLoader loader, RewardScale scale)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts =
        [
            .. Shapes(loader.Config.Head, loader.Config.Transformer.HiddenSize)
                .Select(part => loader.Take(new WeightPart(part.Name, part.Shape)).DetachFromDisposeScope()),
        ];
        return parts is [var only]
            ? new RewardHead(null, only, null, scale)
            : new RewardHead((parts[0], parts[1]), parts[2], parts[3], scale);
    }

    private IEnumerable<Tensor> Leaves()
    {
        if (_first is { } map)
        {
            yield return map.Weight;
            yield return map.Bias;
        }

        yield return Weight;
        if (_bias is not null)
        {
            yield return _bias;
        }
    }
}
