using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The additive masks of new positions over cached and new ones; those of the last batch are kept.</summary>
/// <param name="window">How many positions each sees, itself included, or null for all before it.</param>
internal sealed class CausalMask(int? window) : IDisposable
{
    private readonly Dictionary<(int Before, int Positions), Tensor> _masks = [];

    /// <summary>Disposes of all but these.</summary>
    public void KeepOnly(IReadOnlyCollection<(int Before, int Positions)> used)
    {
        foreach ((int, int) key in _masks.Keys.Except(used).ToArray())
        {
            _masks.Remove(key, out Tensor? mask);
            mask!.Dispose();
        }
    }

    /// <summary>The mask for <paramref name="positions"/> new positions after <paramref name="before"/> cached ones.</summary>
    /// <param name="before">Number of cached positions, seen by every new one.</param>
    /// <param name="positions">Number of new positions, each seeing itself and the new ones before it.</param>
    /// <param name="group">Query heads per key/value head; their queries are stacked along the positions.</param>
    /// <param name="dtype">The activations' dtype.</param>
    /// <param name="device">The activations' device.</param>
    /// <returns>[group * positions, before + positions] of 0 and -infinity, or null if one position sees everything.</returns>
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
