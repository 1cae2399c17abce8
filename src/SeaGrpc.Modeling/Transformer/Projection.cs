using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>One or more linear maps of the same input as a single matrix product, which replaces several smaller ones.</summary>
internal sealed class Projection
{
    private readonly (string Name, long Size)[] _parts;
    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    /// <summary>Reads the weights of all parts as one tensor, then their biases.</summary>
    /// <param name="parts">Checkpoint names without .weight or .bias, and output widths, in the order of the outputs.</param>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="withBias">Whether each part has a bias.</param>
    /// <param name="take">Supplies the weights.</param>
    public Projection((string Name, long Size)[] parts, long inputs, bool withBias, WeightSource take)
    {
        _parts = parts;
        using var noGrad = no_grad();
        _weight = take([.. parts.Select(part => new WeightPart(part.Name + ".weight", part.Size, inputs))]).DetachFromDisposeScope();
        _bias = withBias ? take([.. parts.Select(part => new WeightPart(part.Name + ".bias", part.Size))]).DetachFromDisposeScope() : null;
    }

    /// <summary>The weight [sum of the parts' sizes, inputs].</summary>
    public Tensor Weight => _weight;

    /// <summary>The bias [sum of the parts' sizes], or null.</summary>
    public Tensor? Bias => _bias;

    public IEnumerable<Tensor> Leaves() => _bias is null ? [_weight] : [_weight, _bias];

    /// <summary>The weights of every part under their checkpoint names, as views.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedWeights()
    {
        long start = 0;
        foreach ((string name, long size) in _parts)
        {
            yield return (name + ".weight", _parts.Length == 1 ? _weight : _weight.narrow(0, start, size));
            if (_bias is not null)
            {
                yield return (name + ".bias", _bias.narrow(0, start, size));
            }

            start += size;
        }
    }

    /// <summary>Computes [..., sum of the parts' sizes] from [..., inputs].</summary>
    public Tensor Apply(Tensor input) => nn.functional.linear(input, _weight, _bias);
}
