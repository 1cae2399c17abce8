using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The latest positions that a run has read through some layers of a model: their keys and values, and the states above these layers. A
/// ring of fixed size. Positions are found by the tokens before them. Owns its tensors. Not thread-safe.
/// </summary>
internal sealed class LayerRing : IDisposable
{
    /// <summary>Number of positions that are kept.</summary>
    public const int Slots = 1024;

    private readonly TransformerDecoder _decoder;
    private readonly int _from;
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly (CachePlace Keys, CachePlace Values)[]? _places;
    private readonly Tensor _states;
    private readonly ReadToken?[] _owners = new ReadToken?[Slots];
    private readonly Dictionary<ReadToken, int> _slots = [];
    private int _next;

    /// <summary>Starts with nothing.</summary>
    /// <param name="decoder">The model that owns the layers.</param>
    /// <param name="from">The first of them.</param>
    /// <param name="to">The layer after the last one.</param>
    public LayerRing(TransformerDecoder decoder, int from, int to)
        : this(decoder, from, to, decoder.Device.type == TorchSharp.DeviceType.CPU)
    {
    }

    /// <summary>The same; keys and values are copied by libtorch, as on an accelerator, unless they are copied in place.</summary>
    internal LayerRing(TransformerDecoder decoder, int from, int to, bool inPlace)
    {
        _decoder = decoder;
        _from = from;
        using var scope = NewDisposeScope();
        Tensor Room(params long[] shape) => empty(shape, decoder.Dtype, decoder.Device).DetachFromDisposeScope();
        Tensor[] Layers() =>
            [.. Enumerable.Range(from, to - from).Select(_ => Room(decoder.Config.KeyValueHeadCount, Slots, decoder.Config.HeadSize))];
        _keys = Layers();
        _values = Layers();
        if (inPlace)
        {
            _places = [.. _keys.Zip(_values, (keys, values) => (Place(keys), Place(values)))];
        }

        static CachePlace Place(Tensor tensor) => CachePlace.Of(tensor.view(1, tensor.shape[0], tensor.shape[1], tensor.shape[2]));
        _states = Room(Slots, decoder.Config.HiddenSize);
    }

    /// <summary>Size in bytes.</summary>
    /// <param name="decoder">The model that owns the layers.</param>
    /// <param name="layers">Number of these layers.</param>
    public static long Bytes(TransformerDecoder decoder, int layers) => Slots * decoder.BytesPerNumber
        * ((2L * layers * decoder.Config.KeyValueHeadCount * decoder.Config.HeadSize) + decoder.Config.HiddenSize);

    /// <summary>How many of the first tokens of a path are kept.</summary>
    public int Known(IEnumerable<ReadToken> path) => path.TakeWhile(_slots.ContainsKey).Count();

    /// <summary>Writes the first positions of some rows to a cache as if they had been read, and advances it.</summary>
    /// <param name="tokens">The tokens of each row.</param>
    /// <param name="count">How many of them; all are kept.</param>
    /// <param name="view">The cache of these rows.</param>
    /// <param name="states">Receives the states above the layers [rows, positions, hidden].</param>
    public void Recall(ReadToken[][] tokens, int count, KeyValueCache view, Tensor states)
    {
        if (count == 0)
        {
            return;
        }

        long rows = tokens.Length;
        Tensor slots = Indices(tokens.SelectMany(row => row.Take(count)).Select(token => (long)_slots[token]));
        if (_places is not null)
        {
            List<Run> runs = Runs(tokens, 0, count);
            for (int layer = 0; layer < _keys.Length; layer++)
            {
                Copy(runs, _places[layer], view.Layer(_from + layer).Slots(rows, count), isRecall: true);
            }
        }
        else
        {
            Tensor Of(Tensor kept) => kept.index_select(1, slots).view(kept.shape[0], rows, count, kept.shape[2]).transpose(0, 1);
            for (int layer = 0; layer < _keys.Length; layer++)
            {
                using var within = NewDisposeScope();
                view.Layer(_from + layer).Write(Of(_keys[layer]), Of(_values[layer]));
            }
        }

        states.narrow(1, 0, count).copy_(_states.index_select(0, slots).view(rows, count, -1));
        view.Advance(count);
    }

    /// <summary>Keeps positions of some rows that have just been read, in place of the oldest. Too many are not kept.</summary>
    /// <param name="tokens">The tokens of each row of the pass.</param>
    /// <param name="from">The first of them that was read.</param>
    /// <param name="count">How many are kept from there on.</param>
    /// <param name="view">The cache of these rows, which ends with the last token.</param>
    /// <param name="states">The states above the layers at the tokens that were read [rows, positions, hidden].</param>
    public void Remember(ReadToken[][] tokens, int from, int count, KeyValueCache view, Tensor states)
    {
        if (count <= 0 || (long)count * tokens.Length > Slots)
        {
            return;
        }

        List<long> taken = [];
        for (int row = 0; row < tokens.Length; row++)
        {
            for (int position = from; position < from + count; position++)
            {
                Take(tokens[row][position]);
                taken.Add(_slots[tokens[row][position]]);
            }
        }

        Tensor slots = Indices(taken);
        int back = tokens[0].Length - from;
        if (_places is not null)
        {
            List<Run> runs = Runs(tokens, from, count);
            for (int layer = 0; layer < _keys.Length; layer++)
            {
                Copy(runs, _places[layer], view.Layer(_from + layer).LatestPlaces(back), isRecall: false);
            }
        }
        else
        {
            for (int layer = 0; layer < _keys.Length; layer++)
            {
                using var within = NewDisposeScope();
                (Tensor keys, Tensor values) = view.Layer(_from + layer).Latest(back, count);
                _keys[layer].index_copy_(1, slots, keys.transpose(0, 1).flatten(1, 2));
                _values[layer].index_copy_(1, slots, values.transpose(0, 1).flatten(1, 2));
            }
        }

        _states.index_copy_(0, slots, states.narrow(1, 0, count).flatten(0, 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values).Append(_states))
        {
            tensor.Dispose();
        }
    }

    // A token that a pass reads in several rows has the slot of the last.
    private void Take(ReadToken token)
    {
        if (_owners[_next] is { } earlier && _slots[earlier] == _next)
        {
            _slots.Remove(earlier);
        }

        _owners[_next] = token;
        if (_slots.TryGetValue(token, out int other))
        {
            _owners[other] = null;
        }

        _slots[token] = _next;
        _next = (_next + 1) % Slots;
    }

    // The slots of some positions of each row, as runs of consecutive ones.
    private List<Run> Runs(ReadToken[][] tokens, int from, int count)
    {
        List<Run> runs = [];
        for (int row = 0; row < tokens.Length; row++)
        {
            for (int position = 0; position < count; position++)
            {
                int slot = _slots[tokens[row][from + position]];
                if (position > 0 && runs[^1].Slot + runs[^1].Count == slot)
                {
                    runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
                }
                else
                {
                    runs.Add(new Run(row, position, slot, 1));
                }
            }
        }

        return runs;
    }

    // One layer's keys and values, on the CPU: from the ring to rows of a cache, or the other way.
    private unsafe void Copy(
        List<Run> runs, (CachePlace Keys, CachePlace Values) ring, (CachePlace Keys, CachePlace Values) rows, bool isRecall)
    {
        long number = _decoder.BytesPerNumber;
        long size = _decoder.Config.HeadSize * number;
        foreach (Run run in runs)
        {
            for (int group = 0; group < _decoder.Config.KeyValueHeadCount; group++)
            {
                Move(ring.Keys, rows.Keys);
                Move(ring.Values, rows.Values);

                void Move(CachePlace kept, CachePlace cache)
                {
                    byte* slot = (byte*)kept.Of(0, group, number) + (run.Slot * size);
                    byte* place = (byte*)cache.Of(run.Row, group, number) + (run.Position * size);
                    long bytes = run.Count * size;
                    Buffer.MemoryCopy(isRecall ? slot : place, isRecall ? place : slot, bytes, bytes);
                }
            }
        }
    }

    private Tensor Indices(IEnumerable<long> indices) => tensor(indices.ToArray(), device: _states.device);

    /// <summary>Consecutive positions of a row in consecutive slots.</summary>
    /// <param name="Row">The row.</param>
    /// <param name="Position">The first of them, counted from the first that is copied.</param>
    /// <param name="Slot">Its slot.</param>
    /// <param name="Count">Number of positions.</param>
    private readonly record struct Run(int Row, int Position, int Slot, int Count);
}
