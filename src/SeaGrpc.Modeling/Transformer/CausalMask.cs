using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Additive masks for new positions over cached and new ones. The masks of the last batch are kept.</summary>
/// <param name="window">Number of positions that each position sees, including itself; null for all before it.</param>
internal sealed class CausalMask(int? window) : IDisposable
{
    private readonly Dictionary<(int Before, int Positions), Tensor> _masks = [];

    /// <summary>Disposes all masks except these.</summary>
    public void KeepOnly(IReadOnlyCollection<(int Before, int Positions)> used)
    {
        foreach ((int, int) key in _masks.Keys.Except(used).ToArray())
        {
            _masks.Remove(key, out Tensor? mask);
            mask!.Dispose();
        }
    }

    /// <summary>Returns the mask for <paramref name="positions"/> new positions after <paramref name="before"/> cached ones.</summary>
    /// <param name="before">Number of cached positions, which every new position sees.</param>
    /// <param name="positions">Number of new positions. Each sees itself and the new positions before it.</param>
    /// <param name="group">Query heads per key/value head. Their queries are stacked along the positions.</param>
    /// <param name="dtype">Dtype of the activations.</param>
    /// <param name="device">Device of the activations.</param>
    /// <returns>[group * positions, before + positions] with 0 and -infinity, or null if a single position sees everything.</returns>
    public Tensor? For(int before, int positions, int group, ScalarType dtype, Device device)
    {
        if (positions == 1 && !(before + 1 > window))
        {
            return null;
        }

        if (!_masks.TryGetValue((before, positions), out Tensor? made))
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            Tensor blocked = TensorFilling.Filled([positions, before + positions], float.NegativeInfinity, device).triu(before + 1);
            if (before + positions > window)
            {
                Tensor left = TensorFilling.Filled([positions, before + positions], float.NegativeInfinity, device)
                    .tril(before - window.Value);
                blocked = blocked.AddInPlace(left);
            }

            made = blocked.repeat(group, 1).to(dtype).DetachFromDisposeScope();
            _masks.Add((before, positions), made);
        }

        return made;
    }

    /// <inheritdoc/>
    public void Dispose() => KeepOnly([]);
}
