using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>Growing rows as a loaded policy reads them. They own its cache.</summary>
internal sealed class LoadedPolicyRows : PolicyRows
{
    private readonly KeyValueCache _cache;
    private int _read;
    // The last token of each row that has been read, where states are kept.
    private ReadToken[] _last;

    /// <summary>Rows that start with given tokens.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="prefix">The tokens; may be empty.</param>
    public LoadedPolicyRows(RunContext context, int rows, int maxTokens, IReadOnlyList<int> prefix)
        : base(context, rows, prefix)
    {
        _cache = Policy.Branch(rows, Math.Max(maxTokens, prefix.Count));
        _last = Policy.Recent is { } recent ? [.. Enumerable.Repeat(recent.Root, rows)] : [];
    }

    /// <summary>A single row with a response that has been read after the prompt.</summary>
    /// <param name="context">The run.</param>
    /// <param name="from">A row of a cache that holds its first tokens, which are copied.</param>
    /// <param name="read">Number of these tokens.</param>
    /// <param name="response">Its ids, including EOS if it has one.</param>
    /// <param name="logProbabilities">Their log-probabilities, in nats.</param>
    /// <param name="states">The states at the last of the tokens that have been read, if these are not kept: [some, hidden].</param>
    public LoadedPolicyRows(
        RunContext context,
        (KeyValueCache Source, int Row) from,
        int read,
        IReadOnlyList<long> response,
        IReadOnlyList<float> logProbabilities,
        Tensor? states = null)
        : base(context, 1, [])
    {
        int prompt = Policy.Cache.Length;
        _cache = KeyValueCache.Gather(Policy.Decoder, [from], prompt + context.Task.MaxResponseTokens, prompt + read);
        _read = read;
        _last = [];
        if (Policy.Recent is { } recent)
        {
            ReadToken[] path = Path(recent, response.Take(read));
            _last = [path.LastOrDefault() ?? recent.Root];
            if (states is not null)
            {
                recent.Keep(path[^(int)states.shape[0]..], states);
            }
        }

        foreach ((long id, float own) in response.Zip(logProbabilities))
        {
            Append([id], [own]);
        }
    }

    private LoadedPolicyRows(
        KeyValueCache cache, IReadOnlyList<(PolicyRows Source, int Row)> from, int kept, int read, bool keepsEnds)
        : base(from, kept, keepsEnds)
    {
        _cache = cache;
        _read = read;
        _last = Policy.Recent is null ? [] : [.. from.Select(pick => pick.Source.Loaded._last[pick.Row].At(read))];
    }

    private PolicyReading Policy => Context.Prompt.Loaded;

    /// <summary>
    /// Raw logits of the next token [rows, vocabulary], fp32, unmasked, in the caller's scope. Reads the tokens appended since the last
    /// call, so it is called once between two appends.
    /// </summary>
    public Tensor Logits() => Logits([this])[0];

    /// <summary>The same for several groups of rows, which are read together.</summary>
    public static Tensor[] Logits(IReadOnlyList<LoadedPolicyRows> groups)
    {
        PolicyReading policy = groups[0].Policy;
        foreach (LoadedPolicyRows group in groups)
        {
            group.ForgetLastIfLost();
        }

        LoadedPolicyRows[] unread = [.. groups.Where(group => group._read < group.Length)];
        Tensor[] hidden = unread.Length == 0 ? [] : policy.Decoder.Read([.. unread.Select(group => group.Unread())]);
        var last = new List<Tensor>();
        int at = 0;
        foreach (LoadedPolicyRows group in groups)
        {
            if (group._read < group.Length)
            {
                Tensor states = hidden[at++];
                last.Add(states.narrow(1, group.Length - group._read - 1, 1).squeeze(1));
                group.Keep(states);
            }
            else
            {
                last.Add(group.Length == 0 ? policy.Last.expand(group.Rows, -1, -1).squeeze(1) : policy.Recent!.Of(group._last));
            }
        }

        Tensor logits = policy.Logits(last.Count == 1 ? last[0] : cat([.. last]));
        return groups.Count == 1 ? [logits] : logits.split([.. groups.Select(group => (long)group.Rows)]);
    }

    /// <summary>Samples one token for every row at the method's temperature.</summary>
    /// <param name="logits">The result of <see cref="Logits()"/>.</param>
    /// <param name="topK">Number of most likely tokens to sample from; 0 for all.</param>
    public void Draw(Tensor logits, int topK)
    {
        using var noGrad = no_grad();
        Tensor next = TokenSampling.Draw(
            logits.Plus(Context.Models.LegalTokens), Context.Task.Method.SamplingTemperature, Context.Generator, topK);
        AppendDrawn(next, logits);
    }

    /// <summary>Appends a token to every row.</summary>
    /// <param name="next">Ids [rows], int64.</param>
    /// <param name="logits">The result of <see cref="Logits()"/>, to add the log-probabilities of the tokens; or null.</param>
    public void AppendDrawn(Tensor next, Tensor? logits = null) => Append(
        next.cpu().data<long>().ToArray(),
        logits is null ? null : nn.functional.log_softmax(logits, -1).gather(1, next.unsqueeze(1)).cpu().data<float>().ToArray());

    public override PolicyRows Fan(IReadOnlyList<int> rows, int room)
    {
        int prompt = Policy.Cache.Length;
        return new LoadedPolicyRows(
            _cache.Fan(Policy.Decoder, rows, prompt + Length + room, prompt + _read),
            [.. rows.Select(row => (this, row))],
            Length,
            _read,
            keepsEnds: true);
    }

    /// <summary>How many of a response's first tokens the only row has read, where the states at them are kept.</summary>
    /// <param name="response">Its ids.</param>
    /// <param name="known">Number of first tokens whose states are known elsewhere.</param>
    public int Held(ReadOnlySpan<long> response, int known = 0)
    {
        int held = 0;
        for (ReadToken? token = Policy.Recent?.Root; token is not null && held < Math.Min(_read, response.Length); held++)
        {
            token = token.Then(response[held]);
            if (Tokens[held][0] != response[held] || (held >= known && !Policy.Recent!.Has(token)))
            {
                return held;
            }
        }

        return held;
    }

    /// <summary>A cache of its own with the only row's first tokens.</summary>
    /// <param name="tokens">How many; at most those that have been read.</param>
    /// <param name="room">Maximum number of tokens.</param>
    public KeyValueCache Copy(int tokens, int room) =>
        KeyValueCache.Gather(Policy.Decoder, [(_cache, 0)], Policy.Cache.Length + room, Policy.Cache.Length + tokens);

    public override void Dispose() => _cache.Dispose();

    protected override PolicyRows Gathered(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens, int? length)
    {
        int kept = length ?? Length;
        int read = length is null
            ? _read
            : Math.Max(0, Math.Min(IsHeld(from, kept) ? kept : kept - 1, from.Min(pick => pick.Source.Loaded._read)));
        int prompt = Policy.Cache.Length;
        KeyValueCache cache = KeyValueCache.Gather(
            Policy.Decoder, [.. from.Select(pick => (pick.Source.Loaded._cache, pick.Row))], prompt + maxTokens, prompt + read);
        return new LoadedPolicyRows(cache, from, kept, read, keepsEnds: length is null);
    }

    // The tokens are read into the caches, without the last of each response.
    protected override float[][] Followed(IReadOnlyList<(PolicyRows Row, long[] Targets)> responses)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (LoadedPolicyRows Row, long[] Read)[] read =
            [.. responses.Where(one => one.Targets.Length > 1).Select(one => (one.Row.Loaded, one.Targets[..^1]))];
        Context.Cost.PolicyForward(read.Sum(one => (long)one.Read.Length));
        Tensor[] states = read.Length == 0 ? [] : Policy.Decoder.Read([.. read.Select(one => new IdPass(
            tensor(one.Read, device: Policy.Decoder.Device).view(1, -1), one.Row._cache, one.Read.Length))]);
        foreach (((LoadedPolicyRows row, long[] ids), Tensor own) in read.Zip(states))
        {
            row.Keep(own, ids);
        }

        int at = 0;
        Tensor[] hidden =
            [.. responses.Select(one => one.Targets.Length > 1 ? cat([Policy.Last, states[at++]], 1) : Policy.Last)];
        Tensor all = tensor(responses.SelectMany(one => one.Targets).ToArray(), device: Policy.Decoder.Device).view(1, -1);
        ReadOnlySpan<float> each = Policy.LogProbabilities(cat(hidden, 1), all);
        var logProbabilities = new float[responses.Count][];
        foreach ((int index, (_, long[] targets)) in responses.Index())
        {
            logProbabilities[index] = each[..targets.Length].ToArray();
            each = each[targets.Length..];
        }

        return logProbabilities;
    }

    private static ReadToken[] Path(RecentStates recent, IEnumerable<long> ids)
    {
        List<ReadToken> path = [];
        foreach (long id in ids)
        {
            path.Add((path.LastOrDefault() ?? recent.Root).Then(id));
        }

        return [.. path];
    }

    // Whether the states at the last of some rows' first tokens are kept.
    private static bool IsHeld(IReadOnlyList<(PolicyRows Source, int Row)> from, int tokens) =>
        from[0].Source.Loaded.Policy.Recent is { } recent && from.All(pick =>
            pick.Source.Loaded is var source && source._read >= tokens && recent.Has(source._last[pick.Row].At(tokens)));

    // Keeps the states at tokens that have just been read: [rows, width, hidden].
    private void Keep(Tensor states) => Keep(
        states, [.. Enumerable.Range(0, Rows).SelectMany(row => Tokens.Skip(_read).Select(step => step[row]))]);

    private void Keep(Tensor states, long[] read)
    {
        int width = (int)states.shape[1];
        _read += width;
        if (Policy.Recent is { } recent)
        {
            var tokens = new ReadToken[read.Length];
            for (int at = 0; at < read.Length; at++)
            {
                tokens[at] = _last[at / width] = _last[at / width].Then(read[at]);
            }

            recent.Keep(tokens, states.flatten(0, 1));
        }
    }

    // Rows that were cut at a token that they had read, if its state has been given up since.
    private void ForgetLastIfLost()
    {
        if (_read > 0 && _read == Length && Policy.Recent is { } recent && !_last.All(recent.Has))
        {
            _read--;
            _cache.Truncate(Policy.Cache.Length + _read);
            _last = [.. _last.Select(token => token.At(_read))];
        }
    }

    // The tokens that the model has not read yet.
    private IdPass Unread()
    {
        long[] ids = [.. Enumerable.Range(0, Rows).SelectMany(row => Tokens.Skip(_read).Select(step => step[row]))];
        Context.Cost.PolicyForward(ids.Length);
        return new IdPass(tensor(ids, device: Policy.Decoder.Device).view(Rows, Length - _read), _cache, Length - _read);
    }
}
