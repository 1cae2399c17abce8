using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>What one pass has read of responses. Owns its tensors.</summary>
internal sealed class KeptPass : IDisposable
{
    private readonly UInt128[] _paths;
    private readonly Tensor? _keysAndValues;
    private readonly nint _first;
    private readonly nint _hidden;
    private readonly nint _middle;
    private readonly long _kindStride;
    private readonly long _rowStride;
    private readonly long _groupStride;

    private KeptPass(ReadingTree tree, UInt128[] paths, Tensor hidden, Tensor? keysAndValues, Tensor? middle)
    {
        Tree = tree;
        _paths = paths;
        Hidden = hidden;
        Middle = middle;
        _keysAndValues = keysAndValues;
        KeyCount = (int)(keysAndValues?.shape[4] ?? 0);
        Bytes = (hidden.NumberOfElements + (keysAndValues?.NumberOfElements ?? 0) + (middle?.NumberOfElements ?? 0)) * hidden.ElementSize;
        if (keysAndValues is not null)
        {
            long[] shape = keysAndValues.shape;
            Groups = (int)shape[3];
            NumberBytes = keysAndValues.ElementSize;
            PositionBytes = shape[5] * NumberBytes;
            (_groupStride, _rowStride, _kindStride) = (shape[4] * shape[5], shape[3] * shape[4] * shape[5], keysAndValues.stride(1));
            _first = Address(keysAndValues);
        }

        Positions = (int)hidden.shape[1];
        StateBytes = hidden.shape[2] * hidden.ElementSize;
        _hidden = Address(hidden);
        _middle = middle is null ? 0 : Address(middle);
    }

    /// <summary>The tree that it is in.</summary>
    public ReadingTree Tree { get; }

    /// <summary>Hidden states after the final norm [rows, positions, hidden].</summary>
    public Tensor Hidden { get; }

    /// <summary>
    /// States above the layers that another model has in common, at the first positions [rows, <see cref="KeyCount"/>, hidden]; null if
    /// there are no such layers.
    /// </summary>
    public Tensor? Middle { get; }

    /// <summary>Number of first positions of each row whose keys and values it has.</summary>
    public int KeyCount { get; }

    /// <summary>Number of positions of each row.</summary>
    public int Positions { get; }

    /// <summary>Size of one state.</summary>
    public long StateBytes { get; }

    /// <summary>Number of key/value heads.</summary>
    public int Groups { get; }

    /// <summary>Size of a number.</summary>
    public long NumberBytes { get; }

    /// <summary>Size of the keys of one position and group.</summary>
    public long PositionBytes { get; }

    /// <summary>Size of its tensors.</summary>
    public long Bytes { get; }

    /// <summary>The tokens, by their <see cref="ReadToken.Path"/>, and where each of them is.</summary>
    public IEnumerable<(UInt128 Path, KeptPosition Position)> Tokens =>
        _paths.Select((path, at) => (path, new KeptPosition(this, at / Positions, at % Positions)));

    /// <summary>Copies what has just been read.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="tokens">The tokens that were read, row by row.</param>
    /// <param name="keys">Number of first positions of each row whose keys and values are kept.</param>
    /// <param name="cache">The cache of these rows, which ends with the last token.</param>
    /// <param name="hidden">Hidden states [rows, positions, hidden].</param>
    /// <param name="middle">States above common layers at the first positions [rows, keys, hidden]; null if there are none.</param>
    public static KeptPass Of(
        ReadingTree tree, IReadOnlyList<ArraySegment<ReadToken>> tokens, int keys, KeyValueCache cache, Tensor hidden, Tensor? middle)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new KeptPass(
            tree, [.. tokens.SelectMany(row => row).Select(token => token.Path)], Owned(hidden),
            keys == 0 ? null : cache.Latest(tokens[0].Count, keys), keys == 0 || middle is null ? null : Owned(middle));

        static Tensor Owned(Tensor own) => own.contiguous().clone().DetachFromDisposeScope();
    }

    /// <summary>Keys and values of one layer from a position of a row on, which is row 0 there; on the CPU.</summary>
    public (CachePlace Keys, CachePlace Values) PlacesOf(int layer, KeptPosition position)
    {
        var keys = new CachePlace(_first, _rowStride, _groupStride);
        keys = keys.After((((2 * layer * _kindStride) + (position.Row * _rowStride)) * NumberBytes) + (position.Position * PositionBytes));
        return (keys, keys.After(_kindStride * NumberBytes));
    }

    /// <summary>Keys and values of positions of a row: [layers, 2, 1, groups, count, head].</summary>
    public Tensor KeysAndValues(int row, int position, int count) => _keysAndValues!.narrow(2, row, 1).narrow(4, position, count);

    /// <summary>Address of the state at a position, on the CPU: above common layers, or after the final norm.</summary>
    public nint StateOf(KeptPosition position, bool isMiddle) =>
        (isMiddle ? _middle : _hidden)
            + (nint)(((position.Row * (isMiddle ? KeyCount : Positions)) + position.Position) * StateBytes);

    public void Dispose()
    {
        Hidden.Dispose();
        _keysAndValues?.Dispose();
        Middle?.Dispose();
    }

    private static unsafe nint Address(Tensor tensor) =>
        tensor.device.type == TorchSharp.DeviceType.CPU ? (nint)TensorPointer.Of<byte>(tensor) : 0;
}

/// <summary>A position of what a pass has read.</summary>
/// <param name="Pass">What it has read.</param>
/// <param name="Row">The row.</param>
/// <param name="Position">The position in the row.</param>
internal readonly record struct KeptPosition(KeptPass Pass, int Row, int Position)
{
    /// <summary>Whether its keys and values are kept.</summary>
    public bool HasKeys => Position < Pass.KeyCount;

    /// <summary>Whether its state above common layers is kept.</summary>
    public bool HasMiddle => HasKeys && Pass.Middle is not null;
}
