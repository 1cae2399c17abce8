using System.Runtime.InteropServices;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// What a run's models have read through the layers that they have in common, after a prompt that is the same for all. A token that one of
/// them has read enters another above these layers. Owns its tensors. Not thread-safe.
/// </summary>
/// <remarks>
/// Positions are found by the tokens before them. The latest are kept, in a ring of fixed size. It belongs to one run, so a response does
/// not depend on what else runs. For each of them it is known which pass computed it: with the ids and the passes before, that is all that
/// a further pass's numbers depend on, and other jobs find the pass by it (<see cref="TreeReading"/>).
/// </remarks>
public sealed class SharedReading : IDisposable
{
    /// <summary>Number of positions that are kept.</summary>
    public const int Slots = 1024;

    private readonly TransformerDecoder _lender;
    private readonly int _layers;
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly (CachePlace Keys, CachePlace Values)[]? _places;
    private readonly Tensor _states;
    private readonly ReadToken?[] _owners = new ReadToken?[Slots];
    private readonly Origin[] _origins = new Origin[Slots];
    private int _next;

    /// <summary>Starts with nothing.</summary>
    /// <param name="lender">The model that owns the common layers, split above them.</param>
    /// <param name="promptTokens">Number of positions of the prompt.</param>
    public SharedReading(TransformerDecoder lender, int promptTokens)
    {
        ArgumentNullException.ThrowIfNull(lender);
        _lender = lender;
        _layers = lender.Split;
        PromptTokens = promptTokens;
        using var scope = NewDisposeScope();
        Tensor Room(params long[] shape) => empty(shape, lender.Dtype, lender.Device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, _layers).Select(_ => Room(lender.Config.KeyValueHeadCount, Slots, lender.Config.HeadSize))];
        _values = [.. Enumerable.Range(0, _layers).Select(_ => Room(lender.Config.KeyValueHeadCount, Slots, lender.Config.HeadSize))];
        if (lender.Device.type == TorchSharp.DeviceType.CPU)
        {
            _places = [.. _keys.Zip(_values, (keys, values) => (Place(keys), Place(values)))];
        }

        static CachePlace Place(Tensor tensor) => CachePlace.Of(tensor.view(1, tensor.shape[0], tensor.shape[1], tensor.shape[2]));
        _states = Room(Slots, lender.Config.HiddenSize);
    }

    /// <summary>Number of positions through the common layers that were not computed again, without those of prompts.</summary>
    public long Saved { get; private set; }

    internal int PromptTokens { get; }

    internal ReadToken Root { get; } = new(null, 0);

    /// <summary>Size of the ring in bytes.</summary>
    /// <param name="lender">The model that owns the common layers, split above them.</param>
    public static long Bytes(TransformerDecoder lender)
    {
        ArgumentNullException.ThrowIfNull(lender);
        TransformerConfig config = lender.Config;
        return Slots * lender.BytesPerNumber
            * ((2L * lender.Split * config.KeyValueHeadCount * config.HeadSize) + config.HiddenSize);
    }

    /// <summary>
    /// Reads responses for several models at once, recorded for a backward pass. Each continues with
    /// <see cref="TransformerDecoder.RecordAbove"/>; the gradients of all at its states may be summed before the backward pass.
    /// </summary>
    /// <param name="ids">Ids after the prompt [rows, positions].</param>
    /// <param name="prompt">The lender's frozen cache of the prompt.</param>
    /// <param name="readers">Number of models that read them.</param>
    /// <returns>The pass through the common layers. The caller disposes it.</returns>
    public RecordedPass Record(Tensor ids, KeyValueCache prompt, int readers)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Saved += (readers - 1) * ids.NumberOfElements;
        return TransformerDecoder.Record(DecoderSection.Below(_lender, _layers), _lender.Embed(ids), prompt);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values).Append(_states))
        {
            tensor.Dispose();
        }
    }

    /// <summary>
    /// Reads new positions with one of the models: what is known is copied, the rest goes through the common layers. What another job has
    /// read in the same way is copied as a whole; what is kept here is then the same as if it had been read.
    /// </summary>
    /// <param name="decoder">The model.</param>
    /// <param name="passes">The positions; all caches follow this reading.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass, in the caller's scope.</returns>
    internal Tensor[] Read(TransformerDecoder decoder, IReadOnlyList<IdPass> passes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TreeReading? tree = passes.All(pass => pass.Tree == passes[0].Tree) ? passes[0].Tree : null;
        Reading[] readings = [.. passes.Select(pass => Begun(decoder, pass, tree))];
        try
        {
            tree?.Await([.. readings.Select(reading => reading.Name)]);
            foreach (Reading reading in readings)
            {
                Recall(reading, tree);
            }

            Reading[] unread = [.. readings.Where(reading => reading.Hidden is null)];
            using IDisposable? work = tree?.Begin([.. unread.Select(reading => reading.Name)]);
            ReadBelow(decoder, unread);
            foreach (Reading reading in readings)
            {
                Remember(reading);
            }

            ReadAbove(decoder, unread);
            foreach (Reading reading in unread)
            {
                tree?.Keep(reading.Name, reading.Pass, reading.Hidden!, reading.States);
            }
        }
        finally
        {
            Array.ForEach(readings, reading => reading.Dispose());
        }

        foreach (Reading reading in readings)
        {
            reading.Pass.Cache.Follow(this, [.. reading.Tokens.Select(row => row[^1])]);
            tree?.Follow(reading.Pass, reading.Name, reading.Rows);
        }

        return [.. readings.Select(reading => reading.Hidden!.MoveToOuterDisposeScope())];
    }

    private Reading Begun(TransformerDecoder decoder, IdPass pass, TreeReading? tree)
    {
        ReadToken[][] tokens = Paths(pass);
        int[] known = [.. tokens.Select(row => row.TakeWhile(IsKnown).Count())];
        return new Reading(
            pass, tokens, known, tree is null ? [] : TreeReading.Rows(pass),
            tree is null ? Unique() : TreeReading.NameOf(pass, Below(decoder, tokens, known)));
    }

    // A pass that no other job can find.
    private static UInt128 Unique() => MemoryMarshal.Read<UInt128>(Guid.NewGuid().ToByteArray());

    // What a pass's numbers depend on below the split: the passes that its known positions were computed in. The model tells the passes of
    // two models from each other.
    private byte[] Below(TransformerDecoder decoder, ReadToken[][] tokens, int[] known)
    {
        byte[] all = new byte[sizeof(long) + (known.Length * sizeof(int)) + (known.Sum() * Origin.Bytes)];
        BitConverter.TryWriteBytes(all, decoder.Number);
        int at = sizeof(long);
        for (int row = 0; row < known.Length; row++)
        {
            BitConverter.TryWriteBytes(all.AsSpan(at), known[row]);
            at += sizeof(int);
            foreach (ReadToken token in tokens[row].Take(known[row]))
            {
                _origins[token.Slot].Write(all.AsSpan(at));
                at += Origin.Bytes;
            }
        }

        return all;
    }

    private static void Recall(Reading reading, TreeReading? tree)
    {
        if (tree?.Recall(reading.Pass, reading.Name) is not { } kept)
        {
            return;
        }

        reading.Hidden = kept.Hidden;
        foreach (Part part in reading.Cut())
        {
            if (kept.Middle is { } middle && middle.shape[1] > part.Known)
            {
                part.Read = part.Of(middle).narrow(1, part.Known, middle.shape[1] - part.Known);
            }
        }
    }

    private void ReadBelow(TransformerDecoder decoder, Reading[] unread)
    {
        foreach (Reading reading in unread)
        {
            reading.States = empty(
                [reading.Pass.Ids.shape[0], reading.Pass.Ids.shape[1], decoder.Config.HiddenSize], decoder.Dtype, decoder.Device);
            foreach (Part part in reading.Cut())
            {
                Recall(part, part.Of(reading.States));
            }
        }

        Reading[] partly = [.. unread.Where(reading => reading.Parts.Any(part => part.Known < part.Positions))];
        Part[] parts = [.. partly.SelectMany(reading => reading.Parts).Where(part => part.Known < part.Positions)];
        if (parts.Length == 0)
        {
            return;
        }

        Tensor[] states = Through(
            DecoderSection.Below(_lender, _layers), [.. parts.Select(part => new DecoderPass(_lender.Embed(part.Ids), part.View))]);
        foreach ((Part part, Tensor read) in parts.Zip(states))
        {
            part.Read = read;
        }

        foreach (Reading reading in partly)
        {
            foreach (Part part in reading.Parts.Where(part => part.Read is not null))
            {
                part.Of(reading.States!).narrow(1, part.Known, part.Positions - part.Known).copy_(part.Read!);
            }
        }
    }

    private void ReadAbove(TransformerDecoder decoder, Reading[] unread)
    {
        if (unread.Length == 0)
        {
            return;
        }

        Tensor[] hidden = Through(
            DecoderSection.Above(decoder, _layers), [.. unread.Select(reading => new DecoderPass(reading.States!, reading.Pass.Cache))]);
        foreach ((Reading reading, Tensor states) in unread.Zip(hidden))
        {
            reading.Hidden = states;
        }
    }

    private static Tensor[] Through(DecoderSection section, DecoderPass[] passes) =>
        passes.Length == 1 ? [ModelPasses.Forward(section, passes[0])] : ModelPasses.Forward(section, passes);

    private static ReadToken[][] Paths(IdPass pass)
    {
        int width = (int)pass.Ids.shape[1];
        long[] ids = pass.Ids.cpu().data<long>().ToArray();
        return [.. pass.Cache.LastTokens.Select((last, row) =>
        {
            var path = new ReadToken[width];
            for (int position = 0; position < width; position++)
            {
                last = path[position] = last.Then(ids[(row * width) + position]);
            }

            return path;
        })];
    }

    private bool IsKnown(ReadToken token) => token.Slot >= 0 && _owners[token.Slot] == token;

    private void Recall(Part part, Tensor states)
    {
        if (part.Known == 0)
        {
            return;
        }

        long rows = part.Tokens.Length;
        Tensor slots = Indices(part.Tokens.SelectMany(row => row.Take(part.Known)).Select(token => (long)token.Slot));
        if (_places is not null)
        {
            List<Run> runs = Runs(part.Tokens, 0, part.Known);
            for (int layer = 0; layer < _layers; layer++)
            {
                Copy(runs, _places[layer], part.View.Layer(layer).Slots(rows, part.Known), isRecall: true);
            }
        }
        else
        {
            Tensor Of(Tensor kept) =>
                kept.index_select(1, slots).view(kept.shape[0], rows, part.Known, kept.shape[2]).transpose(0, 1);
            for (int layer = 0; layer < _layers; layer++)
            {
                using var within = NewDisposeScope();
                part.View.Layer(layer).Write(Of(_keys[layer]), Of(_values[layer]));
            }
        }

        states.narrow(1, 0, part.Known).copy_(_states.index_select(0, slots).view(rows, part.Known, -1));
        part.View.Advance(part.Known);
        Saved += rows * part.Known;
    }

    private void Remember(Reading reading)
    {
        foreach (Part part in reading.Parts)
        {
            int count = Math.Min(reading.Pass.Kept, part.Positions) - part.Known;
            if (count > 0 && (long)count * part.Tokens.Length <= Slots)
            {
                Remember(part, count, reading.Name);
            }
        }
    }

    private void Remember(Part part, int count, UInt128 name)
    {
        List<long> taken = [];
        for (int row = 0; row < part.Tokens.Length; row++)
        {
            for (int position = part.Known; position < part.Known + count; position++)
            {
                ReadToken token = part.Tokens[row][position];
                (_owners[_next], _origins[_next]) = (token, new Origin(name, part.Start + row, position));
                token.Slot = _next;
                taken.Add(_next);
                _next = (_next + 1) % Slots;
            }
        }

        Tensor slots = Indices(taken);
        int back = part.Positions - part.Known;
        if (_places is not null)
        {
            List<Run> runs = Runs(part.Tokens, part.Known, count);
            for (int layer = 0; layer < _layers; layer++)
            {
                Copy(runs, _places[layer], part.View.Layer(layer).LatestPlaces(back), isRecall: false);
            }
        }
        else
        {
            for (int layer = 0; layer < _layers; layer++)
            {
                using var within = NewDisposeScope();
                (Tensor keys, Tensor values) = part.View.Layer(layer).Latest(back, count);
                _keys[layer].index_copy_(1, slots, keys.transpose(0, 1).flatten(1, 2));
                _values[layer].index_copy_(1, slots, values.transpose(0, 1).flatten(1, 2));
            }
        }

        _states.index_copy_(0, slots, part.Read!.narrow(1, 0, count).flatten(0, 1));
    }

    // The slots of some positions of each row, as runs of consecutive ones.
    private static List<Run> Runs(ReadToken[][] tokens, int from, int count)
    {
        List<Run> runs = [];
        for (int row = 0; row < tokens.Length; row++)
        {
            for (int position = 0; position < count; position++)
            {
                int slot = tokens[row][from + position].Slot;
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
        long number = _lender.BytesPerNumber;
        long size = _lender.Config.HeadSize * number;
        foreach (Run run in runs)
        {
            for (int group = 0; group < _lender.Config.KeyValueHeadCount; group++)
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

    /// <summary>Where a position was computed.</summary>
    /// <param name="Pass">Name of the pass.</param>
    /// <param name="Row">Its row of the pass.</param>
    /// <param name="Position">Its position in the pass.</param>
    private readonly record struct Origin(UInt128 Pass, int Row, int Position)
    {
        /// <summary>Size of <see cref="Write"/> in bytes.</summary>
        public const int Bytes = 24;

        public void Write(Span<byte> target)
        {
            MemoryMarshal.Write(target, Pass);
            BitConverter.TryWriteBytes(target[16..], Row);
            BitConverter.TryWriteBytes(target[20..], Position);
        }
    }

    /// <summary>One pass. Owns the views of its cache, but no other tensors.</summary>
    /// <param name="Pass">The pass.</param>
    /// <param name="Tokens">Its tokens, row by row.</param>
    /// <param name="Known">Number of first positions of each row that are known.</param>
    /// <param name="Rows">Its rows as they were read before, if other jobs may find it.</param>
    /// <param name="Name">Its name.</param>
    private sealed record Reading(IdPass Pass, ReadToken[][] Tokens, int[] Known, ReadRow[] Rows, UInt128 Name) : IDisposable
    {
        /// <summary>States above the common layers [rows, positions, hidden], if it is computed.</summary>
        public Tensor? States { get; set; }

        /// <summary>Hidden states after the final norm [rows, positions, hidden], once it is done or recalled.</summary>
        public Tensor? Hidden { get; set; }

        public List<Part> Parts { get; } = [];

        /// <summary>Cuts it into <see cref="Parts"/>: consecutive rows of which equally many positions are known.</summary>
        public IReadOnlyList<Part> Cut()
        {
            for (int start = 0; start < Known.Length;)
            {
                int known = Known[start];
                int count = Known.Skip(start).TakeWhile(own => own == known).Count();
                Parts.Add(new Part(
                    Pass.Cache.Rows(start, count),
                    Pass.Ids.narrow(0, start, count).narrow(1, known, Pass.Ids.shape[1] - known),
                    Tokens[start..(start + count)],
                    start,
                    known));
                start += count;
            }

            return Parts;
        }

        public void Dispose() => Parts.ForEach(part => part.View.Dispose());
    }

    /// <summary>Rows of a pass that are read together.</summary>
    /// <param name="View">Their cache.</param>
    /// <param name="Ids">The ids that are not known.</param>
    /// <param name="Tokens">All tokens of these rows, row by row.</param>
    /// <param name="Start">The first of the rows.</param>
    /// <param name="Known">Number of first positions that are known.</param>
    private sealed record Part(KeyValueCache View, Tensor Ids, ReadToken[][] Tokens, int Start, int Known)
    {
        public int Positions => Tokens[0].Length;

        /// <summary>States above the common layers at the positions that were not known [rows, positions, hidden].</summary>
        public Tensor? Read { get; set; }

        /// <summary>Its rows of a tensor of the pass.</summary>
        public Tensor Of(Tensor all) => all.narrow(0, Start, Tokens.Length);
    }
}
