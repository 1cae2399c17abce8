using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>The results of one pass over responses. Owns its tensors.</summary>
internal sealed class KeptPass : IDisposable
{
    private readonly Tensor? _keysAndValues;

    private KeptPass(ReadingTree tree, UInt128 name, Tensor hidden, Tensor? keysAndValues, Tensor? middle)
    {
        Tree = tree;
        Name = name;
        Hidden = hidden;
        Middle = middle;
        _keysAndValues = keysAndValues;
        Bytes = (hidden.NumberOfElements + (keysAndValues?.NumberOfElements ?? 0) + (middle?.NumberOfElements ?? 0)) * hidden.ElementSize;
    }

    /// <summary>The tree that it is in.</summary>
    public ReadingTree Tree { get; }

    /// <summary>Its name there.</summary>
    public UInt128 Name { get; }

    /// <summary>Hidden states after the final norm [rows, positions, hidden].</summary>
    public Tensor Hidden { get; }

    /// <summary>
    /// States above the layers that another model has in common, at the positions that it may read [rows, count, hidden]; null if there
    /// are none.
    /// </summary>
    public Tensor? Middle { get; }

    /// <summary>Size of its tensors.</summary>
    public long Bytes { get; }

    /// <summary>Copies the results of a pass that has just been done.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="name">The pass's name.</param>
    /// <param name="pass">The pass; its cache has its keys and values.</param>
    /// <param name="hidden">Its hidden states.</param>
    /// <param name="middle">Its states above common layers [rows, positions, hidden]; null if there are none.</param>
    public static KeptPass Of(ReadingTree tree, UInt128 name, IdPass pass, Tensor hidden, Tensor? middle)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int positions = (int)pass.Ids.shape[1];
        int kept = Math.Min(pass.Kept, positions);
        return new KeptPass(
            tree, name, hidden.clone().DetachFromDisposeScope(),
            pass.Cache.IsFrozen || kept == 0 ? null : pass.Cache.Latest(positions, kept),
            kept == 0 ? null : middle?.narrow(1, 0, kept).clone().DetachFromDisposeScope());
    }

    /// <summary>Writes the keys and values where the pass would have written them.</summary>
    /// <param name="pass">A pass of the same name.</param>
    /// <returns>The hidden states, in the caller's scope.</returns>
    public Tensor Recall(IdPass pass)
    {
        if (_keysAndValues is not null)
        {
            pass.Cache.Write(_keysAndValues);
        }

        pass.Cache.Advance((int)pass.Ids.shape[1]);
        return Hidden.alias();
    }

    public void Dispose()
    {
        Hidden.Dispose();
        _keysAndValues?.Dispose();
        Middle?.Dispose();
    }
}
