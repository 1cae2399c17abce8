using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// What the frozen layers make of each pair, kept in memory so that a pair goes through them once. Pairs beyond the limit are read again.
/// Owns its tensors.
/// </summary>
/// <param name="network">The model.</param>
/// <param name="limitBytes">Most memory to use; 0 keeps nothing.</param>
internal sealed class EnteringStates(PairNetwork network, long limitBytes) : IDisposable
{
    private readonly Dictionary<PairIds, Tensor> _kept = new(ReferenceEqualityComparer.Instance);
    private long _bytes;

    /// <summary>The states of a batch before the first layer that is trained [rows * length, hidden].</summary>
    public Tensor Of(PairBatch batch)
    {
        if (!batch.Pairs.All(_kept.ContainsKey))
        {
            Tensor states = network.Enter(batch);
            Keep(batch, states);
            return states;
        }

        using var noGrad = no_grad();
        Tensor first = _kept[batch.Pairs[0]];
        Tensor together = zeros([batch.Pairs.Count, batch.Length, first.shape[1]], first.dtype, first.device);
        foreach ((int row, PairIds pair) in batch.Pairs.Index())
        {
            using var within = NewDisposeScope();
            together[row].narrow(0, 0, pair.Length).copy_(_kept[pair]);
        }

        return together.flatten(0, 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _kept.Values)
        {
            tensor.Dispose();
        }

        _kept.Clear();
    }

    private void Keep(PairBatch batch, Tensor states)
    {
        using var within = NewDisposeScope();
        using var noGrad = no_grad();
        foreach ((int row, PairIds pair) in batch.Pairs.Index())
        {
            long bytes = pair.Length * states.shape[1] * states.ElementSize;
            if (_bytes + bytes <= limitBytes && !_kept.ContainsKey(pair))
            {
                _kept.Add(pair, states.narrow(0, (long)row * batch.Length, pair.Length).clone().DetachFromDisposeScope());
                _bytes += bytes;
            }
        }
    }
}
