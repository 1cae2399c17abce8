using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// What a run has read after a prompt, so that it is not read again: through the layers that several models have in common, and, for each
/// model that wants it, through its other layers. A token that one model has read enters another above the common layers. What other runs
/// with the prompt have read meanwhile is copied, too (<see cref="ReadingTree"/>). Owns its tensors. Not thread-safe.
/// </summary>
/// <remarks>
/// The run's own latest positions are kept (<see cref="LayerRing"/>), and counted as known. What others have read is counted as if the run
/// had read it, and then kept in the same way, so what a run counts does not depend on what else runs.
/// </remarks>
public sealed class RunReading : IDisposable
{
    /// <summary>Number of positions that are kept.</summary>
    public const int Slots = LayerRing.Slots;

    private readonly TransformerDecoder? _lender;
    private readonly LayerRing? _common;
    private readonly Dictionary<TransformerDecoder, Reader> _readers = [];

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

    internal ReadToken Root { get; } = new();

    private int CommonLayers => _lender?.Split ?? 0;

    /// <summary>Size in bytes of what is kept of some layers.</summary>
    /// <param name="decoder">The model that owns them.</param>
    /// <param name="layers">Number of these layers.</param>
    public static long Bytes(TransformerDecoder decoder, int layers)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return LayerRing.Bytes(decoder, layers);
    }

    /// <summary>A run's reading after a prompt, which uses what other runs read after it.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="prompt">Its reading of the prompt.</param>
    /// <param name="onReused">Told the number of positions that this run need not read, because they have been.</param>
    /// <returns>Null if nothing is kept of what runs read.</returns>
    public static RunReading? After(TransformerDecoder decoder, PromptReading prompt, Action<long> onReused)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return prompt.Responses is null ? null : new RunReading(prompt.Ids.Length).Join(decoder, prompt, onReused);
    }

    /// <summary>Uses from now on what other runs read with a model after the same prompt.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="prompt">Its reading of the prompt.</param>
    /// <param name="onReused">Told the number of positions that this run need not read, because they have been.</param>
    /// <returns>This reading.</returns>
    public RunReading Join(TransformerDecoder decoder, PromptReading prompt, Action<long> onReused)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(prompt);
        Reader reader = ReaderOf(decoder);
        (reader.Tree, reader.OnReused) = (prompt.Responses, onReused);
        return this;
    }

    /// <summary>Keeps from now on what a model reads through the layers that it does not have in common.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="onKnown">Told the number of positions that it need not read, because this run has.</param>
    public void Keep(TransformerDecoder decoder, Action<long> onKnown)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        Reader reader = ReaderOf(decoder);
        reader.Ring ??= new LayerRing(decoder, CommonLayers, decoder.Config.LayerCount);
        reader.OnKnown ??= onKnown;
    }

    /// <summary>Whether anything of what a model reads is kept for this run.</summary>
    /// <param name="decoder">The model.</param>
    public bool Keeps(TransformerDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return _common is not null || ReaderOf(decoder).Ring is not null;
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
        foreach (Reader reader in _readers.Values)
        {
            reader.Ring?.Dispose();
        }
    }

    /// <summary>Reads new positions with one of the models: what is known or was read by other runs is copied, the rest is read.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="passes">The positions; all of them follow this reading.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass, in the caller's scope.</returns>
    internal Tensor[] Read(TransformerDecoder decoder, IReadOnlyList<IdPass> passes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Reader reader = ReaderOf(decoder);
        ReadPass[] reads = [.. passes.Select(pass => Begun(decoder, reader, pass))];
        try
        {
            List<ReadRow> pending = [.. reads.SelectMany(read => read.Rows)];
            while (pending.Count > 0)
            {
                reader.Tree?.Await(() => Unread(reader.Tree, decoder, pending));
                _ = Unread(reader.Tree, decoder, pending);
                HashSet<ReadRow> now = Chosen(pending, canWait: reader.Tree is not null && decoder.IsWrittenOut);
                ReadTogether(decoder, reader, [.. reads.SelectMany(read => Parts(read, now))]);
                pending.RemoveAll(now.Contains);
            }
        }
        finally
        {
            Array.ForEach(reads, read => read.Dispose());
        }

        foreach (ReadPass read in reads.Where(read => !read.Pass.Cache.IsFrozen))
        {
            read.Cache.Advance(read.End - read.Cache.Length);
            Remember(_common, read, row => row.Below, read.States);
            Remember(reader.Ring, read, row => row.Above, read.Hidden);
            read.Cache.Follow(this, [.. read.Rows.Select(row => row.Tokens[^1])]);
        }

        reader.OnKnown?.Invoke(reads.Sum(read => read.Rows.Sum(row => (long)row.Above)));
        reader.OnReused?.Invoke(reads.Sum(read => read.Rows.Sum(row => row.Reused)));
        return [.. reads.Select(read => read.HiddenOrNew().MoveToOuterDisposeScope())];
    }

    private Reader ReaderOf(TransformerDecoder decoder)
    {
        if (!_readers.TryGetValue(decoder, out Reader? reader))
        {
            _readers[decoder] = reader = new Reader();
        }

        return reader;
    }

    private ReadPass Begun(TransformerDecoder decoder, Reader reader, IdPass pass)
    {
        int width = (int)pass.Ids.shape[1];
        int count = (int)pass.Ids.shape[0];
        bool isFrozen = pass.Cache.IsFrozen;
        bool isKept = _common is not null || reader.Ring is not null;
        long[] ids = pass.Ids.cpu().data<long>().ToArray();
        var rows = new ReadRow[count];
        for (int row = 0; row < count; row++)
        {
            ReadToken last = isFrozen ? Root : pass.Cache.LastTokens[row];
            var tokens = new ReadToken[width];
            for (int position = 0; position < width; position++)
            {
                long id = ids[(row * width) + position];
                last = tokens[position] = isKept ? last.Then(id) : new ReadToken(last, id);
            }

            int below = isFrozen ? 0 : _common?.Known(tokens) ?? 0;
            int above = isFrozen ? 0 : reader.Ring?.Known(_common is null ? tokens : tokens.Take(below)) ?? 0;
            rows[row] = new ReadRow(row, tokens, below, above);
        }

        // What is read after a frozen cache alone would leave no keys and values for other runs.
        KeyValueCache? own = isFrozen && decoder.IsWrittenOut && reader.Tree is not null && (long)count * width <= Slots
            ? pass.Cache.Branch(decoder, count, pass.Cache.Length + width)
            : null;
        return new ReadPass(pass, own, decoder, rows, _common is not null && (own is not null || !isFrozen));
    }

    // Finds what other runs have read of rows by now, and returns what is left.
    private static IEnumerable<ReadToken> Unread(ReadingTree? tree, TransformerDecoder decoder, List<ReadRow> rows)
    {
        foreach (ReadRow row in rows)
        {
            row.Held = tree is null ? row.Above : row.HeldBy(tree);
        }

        // A few positions are read as fast as they are copied, so an accelerator copies whole passes.
        if (!decoder.IsWrittenOut)
        {
            foreach (IGrouping<ReadPass, ReadRow> pass in rows.GroupBy(row => row.Pass).Where(pass => pass.Any(row => !row.IsDone)))
            {
                foreach (ReadRow row in pass)
                {
                    row.Held = row.Above;
                }
            }
        }

        return rows.SelectMany(row => row.Unread);
    }

    // The rows that are read next. A row whose next token one of them reads waits until it can be copied.
    private static HashSet<ReadRow> Chosen(List<ReadRow> pending, bool canWait)
    {
        if (!canWait)
        {
            return [.. pending];
        }

        HashSet<ReadRow> chosen = [];
        HashSet<UInt128> read = [];
        foreach (ReadRow row in pending)
        {
            if (row.IsDone || !read.Contains(row.Tokens[row.Held].Path))
            {
                chosen.Add(row);
                read.UnionWith(row.Unread.Select(token => token.Path));
            }
        }

        return chosen;
    }

    // Consecutive rows of a pass of which the same is read.
    private static IEnumerable<ReadPart> Parts(ReadPass read, HashSet<ReadRow> now)
    {
        for (int start = 0; start < read.Rows.Length;)
        {
            ReadRow first = read.Rows[start];
            int count = read.Rows.Skip(start).TakeWhile(row => now.Contains(row) && row.IsLike(first)).Count();
            if (count > 0)
            {
                yield return new ReadPart(read, read.Rows[start..(start + count)]);
            }

            start += Math.Max(1, count);
        }
    }

    private void ReadTogether(TransformerDecoder decoder, Reader reader, ReadPart[] parts)
    {
        try
        {
            Array.ForEach(parts, part => Recall(decoder, reader, part));
            ReadPart[] unread = [.. parts.Where(part => !part.First.IsDone)];
            using IDisposable? work = reader.Tree?.Begin(unread.SelectMany(part => part.Rows).SelectMany(row => row.Unread));
            ReadPart[] split = [.. unread.Where(part => part.Read.IsSplit)];
            Through(
                _lender is null ? null : DecoderSection.Below(_lender, CommonLayers),
                [.. split.Where(part => part.FromBelow < part.Read.Width)],
                part => new DecoderPass(_lender!.Embed(part.Ids(part.FromBelow)), part.ViewBelow),
                (part, states) => part.States(part.FromBelow).copy_(states));
            Through(
                DecoderSection.Above(decoder, CommonLayers), split,
                part => new DecoderPass(part.States(part.First.Held).contiguous(), part.View), (part, states) => part.Complete(states));
            Through(
                DecoderSection.Whole(decoder), [.. unread.Where(part => !part.Read.IsSplit)],
                part => new DecoderPass(decoder.Embed(part.Ids(part.First.Held)), part.View), (part, states) => part.Complete(states));
            Array.ForEach(unread, part => part.Keep(reader.Tree));
        }
        finally
        {
            Array.ForEach(parts, part => part.Dispose());
        }
    }

    // Copies what is known of rows and what other runs have read of them.
    private void Recall(TransformerDecoder decoder, Reader reader, ReadPart part)
    {
        (ReadRow row, ReadPass read) = (part.First, part.Read);
        int keys = Math.Min(row.Held, read.Keys);
        if (read.IsSplit)
        {
            // Taken before the other view, which may be the cache itself, goes on.
            KeyValueCache below = part.ViewBelow;
            _common!.Recall(part.Tokens, row.Below, below, part.Of(read.States!));
            Saved += row.IsDone ? 0 : (long)part.Rows.Length * row.Below;
            reader.Tree?.Recall(
                part.Tokens, row.Below, keys - row.Below, keys - row.Below, below, (0, CommonLayers), part.Of(read.States!),
                isMiddle: true);
        }

        if (row.Above > 0)
        {
            reader.Ring!.Recall(part.Tokens, row.Above, part.View, part.Of(read.HiddenOrNew()));
        }

        if (row.Held > row.Above)
        {
            reader.Tree!.Recall(
                part.Tokens, row.Above, row.Held - row.Above, keys - row.Above, part.View,
                (read.IsSplit ? CommonLayers : 0, decoder.Config.LayerCount), part.Of(read.HiddenOrNew()), isMiddle: false);
        }
    }

    private static void Through(
        DecoderSection? section, ReadPart[] parts, Func<ReadPart, DecoderPass> input, Action<ReadPart, Tensor> output)
    {
        if (parts.Length == 0)
        {
            return;
        }

        DecoderPass[] passes = [.. parts.Select(input)];
        Tensor[] states = passes.Length == 1 ? [ModelPasses.Forward(section!, passes[0])] : ModelPasses.Forward(section!, passes);
        foreach ((ReadPart part, Tensor own) in parts.Zip(states))
        {
            output(part, own);
        }
    }

    // What others have read is kept as if this run had read it, in the order of the rows: what it knows later does not depend on others.
    private static void Remember(LayerRing? ring, ReadPass read, Func<ReadRow, int> known, Tensor? states)
    {
        if (ring is null)
        {
            return;
        }

        for (int start = 0; start < read.Rows.Length;)
        {
            int from = known(read.Rows[start]);
            int count = read.Rows.Skip(start).TakeWhile(row => known(row) == from).Count();
            if (from < read.Keys)
            {
                using KeyValueCache? some = count < read.Rows.Length ? read.Cache.Rows(start, count) : null;
                ring.Remember(
                    [.. read.Rows.Skip(start).Take(count).Select(row => row.Tokens)], from, read.Keys - from, some ?? read.Cache,
                    states!.narrow(0, start, count).narrow(1, from, read.Width - from));
            }

            start += count;
        }
    }

    private sealed class Reader
    {
        public LayerRing? Ring { get; set; }

        public Action<long>? OnKnown { get; set; }

        public ReadingTree? Tree { get; set; }

        public Action<long>? OnReused { get; set; }
    }

    /// <summary>One pass.</summary>
    private sealed class ReadPass : IDisposable
    {
        private readonly TransformerDecoder _decoder;
        private readonly KeyValueCache? _own;

        /// <param name="pass">The pass.</param>
        /// <param name="own">A cache for it in place of its own, which is frozen; null if it uses that. Taken over.</param>
        /// <param name="decoder">The model.</param>
        /// <param name="rows">Its rows.</param>
        /// <param name="isSplit">Whether it is read in two parts.</param>
        public ReadPass(IdPass pass, KeyValueCache? own, TransformerDecoder decoder, ReadRow[] rows, bool isSplit)
        {
            Pass = pass;
            _own = own;
            _decoder = decoder;
            Rows = rows;
            IsSplit = isSplit;
            States = isSplit ? Room() : null;
            End = pass.Cache.Length + Width;
            Array.ForEach(rows, row => row.Pass = this);
        }

        public IdPass Pass { get; }

        /// <summary>The keys and values before it, and of it unless they are frozen.</summary>
        public KeyValueCache Cache => _own ?? Pass.Cache;

        public ReadRow[] Rows { get; }

        /// <summary>Whether it is read in two parts, through common layers and above them.</summary>
        public bool IsSplit { get; }

        public int Width => Rows[0].Tokens.Length;

        /// <summary>Length of the cache after it.</summary>
        public int End { get; }

        /// <summary>Number of first positions whose keys and values are used later.</summary>
        public int Keys => Cache.IsFrozen ? 0 : Math.Min(Pass.Kept, Width);

        /// <summary>States above the common layers [rows, positions, hidden]; null if there are none.</summary>
        public Tensor? States { get; }

        /// <summary>Hidden states after the final norm [rows, positions, hidden], once anything of them is known.</summary>
        public Tensor? Hidden { get; private set; }

        /// <summary>The same; padding that nobody reads is 0.</summary>
        public Tensor HiddenOrNew() => Hidden ??= Pass.Lengths is null ? Room() : Room().zero_();

        public void CompleteAll(Tensor hidden) => Hidden = hidden;

        public void Dispose() => _own?.Dispose();

        private Tensor Room() => empty([Rows.Length, Width, _decoder.Config.HiddenSize], _decoder.Dtype, _decoder.Device);
    }

    /// <summary>One row of a pass.</summary>
    /// <param name="index">The row.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="below">Number of first positions that this run knows through the common layers.</param>
    /// <param name="above">Number of those that it knows through all layers.</param>
    private sealed class ReadRow(int index, ReadToken[] tokens, int below, int above)
    {
        public int Index => index;

        public ReadToken[] Tokens => tokens;

        public int Below => below;

        public int Above => above;

        /// <summary>Its pass.</summary>
        public ReadPass Pass { get; set; } = null!;

        /// <summary>The end of what is known or was read by other runs, and the first position that is read if any is left.</summary>
        public int Held { get; set; }

        /// <summary>Whether nothing is left to read.</summary>
        public bool IsDone => Held >= Needed;

        /// <summary>The tokens that are left to read.</summary>
        public IEnumerable<ReadToken> Unread => IsDone ? [] : tokens.Skip(Held);

        /// <summary>Number of positions that other runs have read for it.</summary>
        public long Reused => Held == above ? 0 : (IsDone ? tokens.Length : Held) - above;

        // Without padding whose keys and values nobody uses either.
        private int Needed => Math.Max(Pass.Pass.Lengths?[index] ?? tokens.Length, Pass.Keys);

        public int HeldBy(ReadingTree tree)
        {
            int held = tree.Held(tokens, above, Pass.Keys, Needed, Pass.IsSplit);
            // What is read after a frozen cache finds only the prompt there.
            return Pass.Cache.IsFrozen && held < Needed ? 0 : held;
        }

        /// <summary>Whether of this row and another the same is known and left.</summary>
        public bool IsLike(ReadRow other) =>
            other.Below == below && other.Above == above && other.Held == Held && other.IsDone == IsDone;
    }

    /// <summary>Rows of a pass that are read together. Owns the views of its cache.</summary>
    private sealed class ReadPart(ReadPass read, ReadRow[] rows) : IDisposable
    {
        private KeyValueCache? _view;
        private KeyValueCache? _viewBelow;

        public ReadPass Read => read;

        public ReadRow[] Rows => rows;

        public ReadRow First => rows[0];

        public ReadToken[][] Tokens { get; } = [.. rows.Select(row => row.Tokens)];

        /// <summary>The first position that is read through the common layers.</summary>
        public int FromBelow => Math.Max(First.Below, First.Held);

        /// <summary>The cache of these rows, for the layers that are not common.</summary>
        public KeyValueCache View => IsFrozen || rows.Length == read.Rows.Length ? read.Cache : _view ??= OwnView();

        /// <summary>The same for the common layers.</summary>
        public KeyValueCache ViewBelow => _viewBelow ??= OwnView();

        private bool IsFrozen => read.Cache.IsFrozen;

        public Tensor Of(Tensor all) => all.narrow(0, First.Index, rows.Length);

        /// <summary>The ids from a position on.</summary>
        public Tensor Ids(int from) => Of(read.Pass.Ids).narrow(1, from, read.Width - from);

        /// <summary>The states above the common layers from a position on.</summary>
        public Tensor States(int from) => Of(read.States!).narrow(1, from, read.Width - from);

        /// <summary>Takes the hidden states of what was read.</summary>
        public void Complete(Tensor hidden)
        {
            if (First.Held == 0 && rows.Length == read.Rows.Length)
            {
                read.CompleteAll(hidden);
            }
            else
            {
                Of(read.HiddenOrNew()).narrow(1, First.Held, read.Width - First.Held).copy_(hidden);
            }
        }

        /// <summary>Keeps what was read for other runs.</summary>
        public void Keep(ReadingTree? tree)
        {
            int from = First.Held;
            int keys = Math.Max(0, read.Keys - from);
            tree?.Keep(
                [.. Tokens.Select(row => new ArraySegment<ReadToken>(row, from, row.Length - from))], keys, View,
                Of(read.Hidden!).narrow(1, from, read.Width - from), read.IsSplit ? States(from).narrow(1, 0, keys) : null);
        }

        public void Dispose()
        {
            _view?.Dispose();
            _viewBelow?.Dispose();
        }

        private KeyValueCache OwnView() => read.Cache.Rows(First.Index, rows.Length);
    }
}
