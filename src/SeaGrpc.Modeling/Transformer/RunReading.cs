using System.Runtime.InteropServices;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// What a run has read after a prompt, so that it is not read again: through the layers that several models have in common, and, for each
/// model that wants it, through its other layers. A token that one model has read enters another above the common layers. Owns its tensors.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// The latest positions are kept (<see cref="LayerRing"/>). They belong to one run, so a response does not depend on what else runs. For
/// each of them it is known which pass computed it: with the ids and the passes before, that is all that a further pass's numbers depend
/// on, and other jobs find the pass by it (<see cref="TreeReading"/>).
/// </remarks>
public sealed class RunReading : IDisposable
{
    /// <summary>Number of positions that are kept.</summary>
    public const int Slots = LayerRing.Slots;

    private readonly TransformerDecoder? _lender;
    private readonly LayerRing? _common;
    private readonly Dictionary<TransformerDecoder, (LayerRing Ring, Action<long> OnKnown)> _own = [];

    /// <summary>Starts with nothing.</summary>
    /// <param name="promptTokens">Number of positions of the prompt.</param>
    /// <param name="lender">The model that owns common layers, split above them; null if there are none.</param>
    public RunReading(int promptTokens, TransformerDecoder? lender = null)
    {
        PromptTokens = promptTokens;
        _lender = lender;
        _common = lender is null ? null : new LayerRing(lender, 0, lender.Split);
    }

    /// <summary>Number of positions through the common layers that were not computed again, without those of prompts.</summary>
    public long Saved { get; private set; }

    internal int PromptTokens { get; }

    internal ReadToken Root { get; } = new(null, 0);

    private int CommonLayers => _lender?.Split ?? 0;

    /// <summary>Size in bytes of what is kept of some layers.</summary>
    /// <param name="decoder">The model that owns them.</param>
    /// <param name="layers">Number of these layers.</param>
    public static long Bytes(TransformerDecoder decoder, int layers)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return LayerRing.Bytes(decoder, layers);
    }

    /// <summary>Keeps from now on what a model reads through the layers that it does not have in common.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="onKnown">Told the number of positions that it need not read, because this run has.</param>
    public void Keep(TransformerDecoder decoder, Action<long> onKnown)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(onKnown);
        if (!_own.ContainsKey(decoder))
        {
            _own[decoder] = (new LayerRing(decoder, CommonLayers, decoder.Config.LayerCount), onKnown);
        }
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
        return TransformerDecoder.Record(DecoderSection.Below(_lender!, CommonLayers), _lender!.Embed(ids), prompt);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _common?.Dispose();
        foreach ((LayerRing ring, _) in _own.Values)
        {
            ring.Dispose();
        }
    }

    /// <summary>
    /// Reads new positions with one of the models: what is known is copied, the rest goes through the layers. What another job has read in
    /// the same way is copied as a whole; what is kept here is then the same as if it had been read.
    /// </summary>
    /// <param name="decoder">The model.</param>
    /// <param name="passes">The positions; all caches follow this reading.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass, in the caller's scope.</returns>
    internal Tensor[] Read(TransformerDecoder decoder, IReadOnlyList<IdPass> passes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TreeReading? tree = passes.All(pass => pass.Tree == passes[0].Tree) ? passes[0].Tree : null;
        (LayerRing? own, Action<long>? onKnown) = _own.TryGetValue(decoder, out var kept) ? kept : default;
        Reading[] readings = [.. passes.Select(pass => Begun(decoder, pass, own, tree))];
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
            Array.ForEach(readings, reading => Remember(_common, reading, reading.Below));
            ReadAbove(decoder, own, unread);
            Array.ForEach(readings, reading => Remember(own, reading, reading.Above));
            foreach (Reading reading in unread)
            {
                tree?.Keep(reading.Name, reading.Pass, reading.Hidden!, _common is null ? null : reading.States);
            }

            onKnown?.Invoke(readings.Sum(reading => reading.KnownPositions));
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

    private Reading Begun(TransformerDecoder decoder, IdPass pass, LayerRing? own, TreeReading? tree)
    {
        ReadToken[][] tokens = Paths(pass);
        int[] below = [.. tokens.Select(row => _common?.Known(row) ?? 0)];
        int[] above = [.. tokens.Zip(below, (row, known) => own?.Known(_common is null ? row : row.Take(known)) ?? 0)];
        return new Reading(
            pass, tokens, below, above, tree is null ? [] : TreeReading.Rows(pass),
            tree is null ? Unique() : TreeReading.NameOf(pass, Known(decoder, tokens, (_common, below), (own, above))));
    }

    // A pass that no other job can find.
    private static UInt128 Unique() => MemoryMarshal.Read<UInt128>(Guid.NewGuid().ToByteArray());

    // What a pass's numbers depend on beside the passes before and its ids: the passes that its known positions were computed in. The model
    // tells the passes of two models from each other, and the layers those whose states above common layers are kept from others.
    private byte[] Known(TransformerDecoder decoder, ReadToken[][] tokens, params (LayerRing? Ring, int[] Known)[] layers)
    {
        int at = sizeof(long) + sizeof(int);
        byte[] all = new byte[at + layers.Sum(own => (own.Known.Length * sizeof(int)) + (own.Known.Sum() * LayerRing.Origin.Bytes))];
        BitConverter.TryWriteBytes(all, decoder.Number);
        BitConverter.TryWriteBytes(all.AsSpan(sizeof(long)), CommonLayers);
        foreach ((LayerRing? ring, int[] known) in layers)
        {
            for (int row = 0; row < known.Length; row++)
            {
                BitConverter.TryWriteBytes(all.AsSpan(at), known[row]);
                at += sizeof(int);
                foreach (ReadToken token in tokens[row].Take(known[row]))
                {
                    ring!.OriginOf(token).Write(all.AsSpan(at));
                    at += LayerRing.Origin.Bytes;
                }
            }
        }

        return all;
    }

    private static void Recall(Reading reading, TreeReading? tree)
    {
        if (tree?.Recall(reading.Pass, reading.Name, reading.KnownPositions) is not { } kept)
        {
            return;
        }

        reading.Hidden = kept.Hidden;
        Noted(reading.CutBelow(), kept.Middle);
        Noted(reading.CutAbove(), kept.Hidden);

        // Of some positions the job that read them has not kept the states.
        static void Noted(IReadOnlyList<Part> parts, Tensor? states)
        {
            foreach (Part part in parts)
            {
                if (states is not null && states.shape[1] > part.Known)
                {
                    part.Read = part.Of(states).narrow(1, part.Known, states.shape[1] - part.Known);
                }
            }
        }
    }

    // The states at the input of the layers that are not common.
    private void ReadBelow(TransformerDecoder decoder, Reading[] unread)
    {
        if (_common is null)
        {
            Array.ForEach(unread, reading => reading.States = decoder.Embed(reading.Pass.Ids));
            return;
        }

        foreach (Reading reading in unread)
        {
            reading.States = States(decoder, reading.Pass);
            foreach (Part part in reading.CutBelow())
            {
                _common.Recall(part.Tokens, part.Known, part.View, part.Of(reading.States));
                Saved += (long)part.Tokens.Length * part.Known;
            }
        }

        Part[] parts = [.. unread.SelectMany(reading => reading.Below).Where(part => part.Known < part.Positions)];
        Through(DecoderSection.Below(_lender!, CommonLayers), parts, part => _lender!.Embed(part.Unread(part.Ids)));
        foreach (Reading reading in unread)
        {
            Collect(reading.Below, reading.States!);
        }
    }

    private void ReadAbove(TransformerDecoder decoder, LayerRing? own, Reading[] unread)
    {
        foreach (Reading reading in unread)
        {
            reading.CutAbove();
            // A single part without known positions has all of the states, as they are read.
            reading.Hidden = reading.Above is [{ Known: 0 }] ? null : States(decoder, reading.Pass);
            foreach (Part part in reading.Above.Where(part => part.Known > 0))
            {
                own!.Recall(part.Tokens, part.Known, part.View, part.Of(reading.Hidden!));
            }
        }

        (Reading Reading, Part Part)[] parts =
            [.. unread.SelectMany(reading => reading.Above.Where(part => part.Known < part.Positions).Select(part => (reading, part)))];
        var of = parts.ToDictionary(one => one.Part, one => one.Reading);
        Through(
            DecoderSection.Above(decoder, CommonLayers),
            [.. parts.Select(one => one.Part)],
            part => part.Unread(of[part].States!).contiguous());
        foreach (Reading reading in unread)
        {
            if (reading.Hidden is null)
            {
                reading.Hidden = reading.Above[0].Read;
            }
            else
            {
                Collect(reading.Above, reading.Hidden);
            }

            reading.Pass.Cache.Advance((int)reading.Pass.Ids.shape[1]);
        }
    }

    private static Tensor States(TransformerDecoder decoder, IdPass pass) =>
        empty([pass.Ids.shape[0], pass.Ids.shape[1], decoder.Config.HiddenSize], decoder.Dtype, decoder.Device);

    private static void Through(DecoderSection section, Part[] parts, Func<Part, Tensor> inputs)
    {
        if (parts.Length == 0)
        {
            return;
        }

        DecoderPass[] passes = [.. parts.Select(part => new DecoderPass(inputs(part), part.View))];
        Tensor[] states = passes.Length == 1 ? [ModelPasses.Forward(section, passes[0])] : ModelPasses.Forward(section, passes);
        foreach ((Part part, Tensor read) in parts.Zip(states))
        {
            part.Read = read;
        }
    }

    private static void Collect(IEnumerable<Part> parts, Tensor states)
    {
        foreach (Part part in parts.Where(part => part.Read is not null))
        {
            part.Unread(states).copy_(part.Read!);
        }
    }

    private static void Remember(LayerRing? ring, Reading reading, IEnumerable<Part> parts)
    {
        foreach (Part part in parts.Where(part => part.Read is not null))
        {
            ring?.Remember(
                part.Tokens,
                part.Known,
                Math.Min(reading.Pass.Kept, part.Positions) - part.Known,
                part.View,
                part.Read!,
                (reading.Name, part.Start));
        }
    }

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

    /// <summary>One pass. Owns the views of its cache, but no other tensors.</summary>
    /// <param name="Pass">The pass.</param>
    /// <param name="Tokens">Its tokens, row by row.</param>
    /// <param name="KnownBelow">Number of first positions of each row that are known through the common layers.</param>
    /// <param name="KnownAbove">Number of first positions of each row that are known through all layers.</param>
    /// <param name="Rows">Its rows as they were read before, if other jobs may find it.</param>
    /// <param name="Name">Its name.</param>
    private sealed record Reading(
        IdPass Pass, ReadToken[][] Tokens, int[] KnownBelow, int[] KnownAbove, ReadRow[] Rows, UInt128 Name) : IDisposable
    {
        /// <summary>States at the input of the layers that are not common [rows, positions, hidden], if it is computed.</summary>
        public Tensor? States { get; set; }

        /// <summary>Hidden states after the final norm [rows, positions, hidden], once it is done or recalled.</summary>
        public Tensor? Hidden { get; set; }

        /// <summary>Its parts through the common layers: consecutive rows of which equally many positions are known.</summary>
        public List<Part> Below { get; } = [];

        /// <summary>Its parts through the other layers.</summary>
        public List<Part> Above { get; } = [];

        public long KnownPositions => KnownAbove.Sum();

        public List<Part> CutBelow() => Cut(Below, KnownBelow);

        public List<Part> CutAbove() => Cut(Above, KnownAbove);

        public void Dispose() => Below.Concat(Above).ToList().ForEach(part => part.View.Dispose());

        private List<Part> Cut(List<Part> parts, int[] known)
        {
            for (int start = 0; start < known.Length;)
            {
                int count = known.Skip(start).TakeWhile(own => own == known[start]).Count();
                parts.Add(new Part(
                    Pass.Cache.Rows(start, count), Pass.Ids.narrow(0, start, count), Tokens[start..(start + count)], start, known[start]));
                start += count;
            }

            return parts;
        }
    }

    /// <summary>Rows of a pass that are read together.</summary>
    /// <param name="View">Their cache.</param>
    /// <param name="Ids">Their ids [rows, positions].</param>
    /// <param name="Tokens">All tokens of these rows, row by row.</param>
    /// <param name="Start">The first of the rows.</param>
    /// <param name="Known">Number of first positions that are known.</param>
    private sealed record Part(KeyValueCache View, Tensor Ids, ReadToken[][] Tokens, int Start, int Known)
    {
        public int Positions => Tokens[0].Length;

        /// <summary>States above the layers at the positions that were not known [rows, positions, hidden].</summary>
        public Tensor? Read { get; set; }

        /// <summary>Its rows of a tensor of the pass.</summary>
        public Tensor Of(Tensor all) => all.narrow(0, Start, Tokens.Length);

        /// <summary>The positions that are not known, of its rows of a tensor of the pass, or of its own ids.</summary>
        public Tensor Unread(Tensor all) =>
            (ReferenceEquals(all, Ids) ? all : Of(all)).narrow(1, Known, Positions - Known);
    }
}
