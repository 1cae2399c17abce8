using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>
/// What runs with one prompt have read of responses with a decoder: a tree of tokens. A token is found by those before it, whatever pass
/// read it, because what it gets depends on nothing else (docs/decisions/0007). Owns what is kept.
/// </summary>
/// <param name="kept">The memory for it.</param>
/// <param name="inPlace">Whether keys and values are copied by their addresses, which needs a CPU.</param>
internal sealed class ReadingTree(KeptReadings kept, bool inPlace) : IDisposable
{
    private readonly HashSet<KeptPass> _passes = [];
    private readonly Dictionary<UInt128, KeptPosition> _tokens = [];
    private readonly Dictionary<UInt128, TaskCompletionSource<bool>> _underWay = [];

    /// <summary>What passes have read, as far as it is kept.</summary>
    public IReadOnlyCollection<KeptPass> Passes => _passes;

    /// <summary>Number of tokens that are kept.</summary>
    public int Count => _tokens.Count;

    /// <summary>Waits while another job reads one of some tokens.</summary>
    /// <param name="unread">Returns the tokens; what they are may have changed after each wait.</param>
    public void Await(Func<IEnumerable<ReadToken>> unread)
    {
        while (JobLane.Current is not null && _underWay.Count > 0
            && unread().Select(token => _underWay.GetValueOrDefault(token.Path)).FirstOrDefault(work => work is not null) is { } other)
        {
            OutsideWork.Await(_ => other.Task);
        }
    }

    /// <summary>Tells other jobs that tokens are being read, until the result is disposed.</summary>
    /// <param name="tokens">The tokens.</param>
    public IDisposable Begin(IEnumerable<ReadToken> tokens)
    {
        var work = new Work(this);
        foreach (ReadToken token in tokens)
        {
            work.Add(token.Path);
        }

        return work;
    }

    /// <summary>Where a row's tokens need not be read any more.</summary>
    /// <param name="row">The row's tokens.</param>
    /// <param name="from">The first that is asked for.</param>
    /// <param name="keys">Number of first tokens whose keys and values are needed.</param>
    /// <param name="needed">Number of first tokens whose states are needed; at least as many.</param>
    /// <param name="withMiddle">Whether the states above common layers are needed with the keys and values.</param>
    /// <returns>
    /// The end of the tokens from there on that are kept. What is read after it needs the keys and values of all before it, so it is behind
    /// those only if nothing is left to read.
    /// </returns>
    public int Held(ReadToken[] row, int from, int keys, int needed, bool withMiddle)
    {
        int at = from;
        while (at < keys && Find(row[at]) is { HasKeys: true } own && (own.HasMiddle || !withMiddle))
        {
            at++;
        }

        return at >= keys && row.Skip(at).Take(needed - at).All(token => Find(token) is not null) ? needed : at;
    }

    /// <summary>Writes tokens that are kept to a cache and to states, as if they had been read.</summary>
    /// <param name="tokens">The tokens of each row.</param>
    /// <param name="from">The first of them.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="keys">Number of these whose keys and values are written, after which the cache ends with them.</param>
    /// <param name="view">The cache of these rows, which ends before them.</param>
    /// <param name="layers">The layers, and the one after them.</param>
    /// <param name="states">Receives the states [rows, all positions, hidden].</param>
    /// <param name="isMiddle">Whether these are the states above common layers, not the hidden states.</param>
    public void Recall(
        ReadToken[][] tokens, int from, int count, int keys, KeyValueCache view, (int From, int To) layers, Tensor states, bool isMiddle)
    {
        if (count <= 0)
        {
            return;
        }

        List<Run> runs = Runs(tokens, from, count);
        foreach (KeptPass pass in runs.Select(run => run.Kept.Pass).Distinct())
        {
            kept.Use(pass);
        }

        WriteStates(runs, from, states, isMiddle);
        if (keys > 0)
        {
            Write(keys == count ? runs : Runs(tokens, from, keys), tokens.Length, keys, view, layers);
            view.Advance(keys);
        }
    }

    /// <summary>Keeps what has been read, if there is room.</summary>
    /// <inheritdoc cref="KeptPass.Of"/>
    public void Keep(IReadOnlyList<ArraySegment<ReadToken>> tokens, int keys, KeyValueCache cache, Tensor hidden, Tensor? middle)
    {
        if (kept.Limit == 0)
        {
            return;
        }

        var pass = KeptPass.Of(this, tokens, keys, cache, hidden, middle);
        _passes.Add(pass);
        foreach ((UInt128 path, KeptPosition position) in pass.Tokens)
        {
            if (!_tokens.TryGetValue(path, out KeptPosition other) || Worth(position) > Worth(other))
            {
                _tokens[path] = position;
            }
        }

        kept.Add(pass);

        static int Worth(KeptPosition own) => own.HasMiddle ? 2 : own.HasKeys ? 1 : 0;
    }

    /// <summary>Forgets what a pass has read, which is being freed.</summary>
    public void Forget(KeptPass pass)
    {
        _passes.Remove(pass);
        foreach ((UInt128 path, _) in pass.Tokens)
        {
            if (_tokens.TryGetValue(path, out KeptPosition own) && own.Pass == pass)
            {
                _tokens.Remove(path);
            }
        }
    }

    public void Dispose()
    {
        foreach (KeptPass pass in _passes.ToArray())
        {
            kept.Remove(pass);
        }
    }

    private KeptPosition? Find(ReadToken token) => _tokens.TryGetValue(token.Path, out KeptPosition own) ? own : null;

    // Some tokens of each row, as runs of consecutive ones.
    private List<Run> Runs(ReadToken[][] tokens, int from, int count)
    {
        List<Run> runs = [];
        for (int row = 0; row < tokens.Length; row++)
        {
            for (int at = 0; at < count; at++)
            {
                KeptPosition own = _tokens[tokens[row][from + at].Path];
                if (at > 0 && runs[^1] is var last && own == last.Kept with { Position = last.Kept.Position + last.Count })
                {
                    runs[^1] = last with { Count = last.Count + 1 };
                }
                else
                {
                    runs.Add(new Run(own, row, at, 1));
                }
            }
        }

        return runs;
    }

    private void Write(List<Run> runs, int rows, int count, KeyValueCache view, (int From, int To) layers)
    {
        if (inPlace)
        {
            WriteInPlace(runs, rows, count, view, layers);
            return;
        }

        Tensor next = cat(
            [.. runs.GroupBy(run => run.Row).Select(row => cat(
                [.. row.Select(run => run.Kept.Pass.KeysAndValues(run.Kept.Row, run.Kept.Position, run.Count))], 4))],
            2);
        for (int layer = layers.From; layer < layers.To; layer++)
        {
            using var scope = NewDisposeScope();
            Tensor own = next.select(0, layer);
            view.Layer(layer).Write(own.select(0, 0), own.select(0, 1));
        }
    }

    private unsafe void WriteStates(List<Run> runs, int from, Tensor states, bool isMiddle)
    {
        if (!inPlace)
        {
            foreach (Run run in runs)
            {
                Tensor own = isMiddle ? run.Kept.Pass.Middle! : run.Kept.Pass.Hidden;
                states.select(0, run.Row).narrow(0, from + run.Start, run.Count)
                    .copy_(own.select(0, run.Kept.Row).narrow(0, run.Kept.Position, run.Count));
            }

            return;
        }

        byte* target = TensorPointer.Of<byte>(states);
        long width = states.shape[1];
        foreach (Run run in runs)
        {
            long bytes = run.Count * run.Kept.Pass.StateBytes;
            byte* to = target + (((run.Row * width) + from + run.Start) * run.Kept.Pass.StateBytes);
            Buffer.MemoryCopy((byte*)run.Kept.Pass.StateOf(run.Kept, isMiddle), to, bytes, bytes);
        }
    }

    private static unsafe void WriteInPlace(List<Run> runs, int rows, int count, KeyValueCache view, (int From, int To) layers)
    {
        for (int layer = layers.From; layer < layers.To; layer++)
        {
            (CachePlace keys, CachePlace values) = view.Layer(layer).Slots(rows, count);
            foreach (Run run in runs)
            {
                KeptPass pass = run.Kept.Pass;
                (CachePlace keptKeys, CachePlace keptValues) = pass.PlacesOf(layer, run.Kept);
                Copy(keptKeys, keys);
                Copy(keptValues, values);

                void Copy(CachePlace from, CachePlace to)
                {
                    long bytes = run.Count * pass.PositionBytes;
                    for (int group = 0; group < pass.Groups; group++)
                    {
                        byte* target = (byte*)to.Of(run.Row, group, pass.NumberBytes) + (run.Start * pass.PositionBytes);
                        Buffer.MemoryCopy((byte*)from.Of(0, group, pass.NumberBytes), target, bytes, bytes);
                    }
                }
            }
        }
    }

    /// <summary>Consecutive tokens of a row that a pass has read as consecutive ones.</summary>
    /// <param name="Kept">Where the first of them is kept.</param>
    /// <param name="Row">The row.</param>
    /// <param name="Start">The first of them, counted from the first that is asked for.</param>
    /// <param name="Count">Number of tokens.</param>
    private readonly record struct Run(KeptPosition Kept, int Row, int Start, int Count);

    private sealed class Work(ReadingTree tree) : IDisposable
    {
        private readonly TaskCompletionSource<bool> _done = new();
        private readonly List<UInt128> _own = [];

        public void Add(UInt128 path)
        {
            if (tree._underWay.TryAdd(path, _done))
            {
                _own.Add(path);
            }
        }

        public void Dispose()
        {
            _own.ForEach(path => tree._underWay.Remove(path));
            _done.SetResult(true);
        }
    }
}
