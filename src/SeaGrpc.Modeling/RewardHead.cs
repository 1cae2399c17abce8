using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>
/// What makes a reward of a hidden state: a linear map without bias, or two with biases and a ReLU between; of several labels the logit of
/// one, the difference of two, or the logarithm of a probability. Owns its weights.
/// </summary>
public sealed class RewardHead : IDisposable
{
    private readonly (Tensor Weight, Tensor Bias)? _first;
    private readonly Tensor? _bias;
    private readonly RewardScale _scale;
    private readonly int? _probable;

    private RewardHead((Tensor Weight, Tensor Bias)? first, Tensor weight, Tensor? bias, RewardScale scale, int? probable = null)
    {
        _probable = probable;
        _first = first;
        _bias = bias;
        _scale = scale;
        Weight = weight;
    }

    /// <summary>The last map's weight [1, hidden]; [labels, hidden] where the reward is the logarithm of a probability.</summary>
    public Tensor Weight { get; }

    /// <summary>Number of weights.</summary>
    public long ParameterCount => Leaves().Sum(leaf => leaf.numel());

    /// <summary>The rewards of hidden states.</summary>
    /// <param name="hidden">Hidden states at the ends of sequences [rows, hidden].</param>
    /// <returns>[rows], fp32, in units of the reward scale.</returns>
    public Tensor Rewards(Tensor hidden)
    {
        Tensor input = _first is { } map ? nn.functional.relu(nn.functional.linear(hidden, map.Weight, map.Bias)) : hidden;
        Tensor logits = nn.functional.linear(input, Weight, _bias).to(ScalarType.Float32); // [rows, 1], or [rows, labels]
        Tensor raw = _probable is { } label ? nn.functional.log_softmax(logits, 1).select(1, label) : logits.flatten();
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

    /// <summary>Checkpoint names and shapes of a head's weights, in the order of their use.</summary>
    internal static (string Name, long[] Shape)[] Shapes(ModelHead head, long hidden, int labels) => head == ModelHead.Score
        ? [("score.weight", [labels, hidden])]
        : [("score.0.weight", [hidden, hidden]), ("score.0.bias", [hidden]), ("score.2.weight", [1, hidden]), ("score.2.bias", [1])];

    internal static RewardHead Load(CheckpointLoader loader, RewardScale scale, RewardLabels labels)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts =
        [
            .. Shapes(loader.Config.Head, loader.Config.Transformer.HiddenSize, labels.Count)
                .Select(part => loader.Take(new WeightPart(part.Name, part.Shape)).DetachFromDisposeScope()),
        ];
        return parts is not [var only] ? new RewardHead((parts[0], parts[1]), parts[2], parts[3], scale)
            : labels.IsLogProbability ? new RewardHead(null, only, null, scale, labels.Label)
            : new RewardHead(null, labels.Count == 1 ? only : Row(only, labels), null, scale);
    }

    // A logit, or a difference of two, is a linear map of its own.
    private static Tensor Row(Tensor weight, RewardLabels labels)
    {
        using (weight)
        {
            using var noGrad = no_grad();
            Tensor row = weight[labels.Label].to(ScalarType.Float32);
            Tensor reward = labels.Less is { } less ? row.sub(weight[less].to(ScalarType.Float32)) : row;
            return reward.to(weight.dtype).unsqueeze(0).clone().DetachFromDisposeScope();
        }
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
