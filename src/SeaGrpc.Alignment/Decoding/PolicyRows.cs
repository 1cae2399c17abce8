using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>
/// Responses to one prompt that grow side by side under the policy, one token at a time. Rows can be continued by new rows, so that a
/// search reads no prefix twice. It does not choose tokens. Owns its cache. Where the policy runs elsewhere, it has none, and the policy
/// draws the tokens.
/// </summary>
internal sealed class PolicyRows : IDisposable
{
    private readonly RunContext _context;
    private readonly KeyValueCache? _cache;
    private readonly List<long[]> _tokens;
    private readonly List<float[]> _own;
    private readonly bool[] _finished;
    private readonly bool[] _stopped;
    private int _read;
    private EngineReadings? _asked;
    private int _askedFrom;

    private PolicyRows(RunContext context, KeyValueCache? cache, int rows, List<long[]> tokens, List<float[]> own, int read)
    {
        _context = context;
        _cache = cache;
        _tokens = tokens;
        _own = own;
        _read = read;
        Rows = rows;
        _finished = new bool[rows];
        _stopped = new bool[rows];
    }

    public int Rows { get; }

    /// <summary>The likeliest tokens in place of the first ones of each row's last draw elsewhere, likeliest first.</summary>
    public IReadOnlyList<IReadOnlyList<TokenProbability>> LastNext { get; private set; } = [];

    /// <summary>Number of tokens in every row, including those after a row's EOS.</summary>
    public int Length => _tokens.Count;

    /// <summary>Whether every row has ended with EOS, or a stop string occurs in it.</summary>
    public bool AllFinished => _finished.All(done => done);

    /// <summary>Rows that start with the response prefix.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    public static PolicyRows Start(RunContext context, int rows, int maxTokens) =>
        Start(context, rows, maxTokens, context.Task.ResponsePrefix);

    /// <summary>Rows that start with given tokens, whose log-probabilities are not counted.</summary>
    public static PolicyRows Start(RunContext context, int rows, int maxTokens, IReadOnlyList<int> prefix)
    {
        KeyValueCache? cache =
            context.Engine is null ? context.Prompt.Policy.Branch(rows, Math.Max(maxTokens, prefix.Count)) : null;
        return new PolicyRows(
            context,
            cache,
            rows,
            [.. prefix.Select(id => Enumerable.Repeat((long)id, rows).ToArray())],
            [.. prefix.Select(_ => new float[rows])],
            read: 0);
    }

    /// <summary>Rows that continue rows of others. A row may be used several times.</summary>
    /// <param name="from">The source of each row.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="length">
    /// Number of first tokens that each row keeps, without EOS; null if all rows are equally long and keep all tokens. The last kept token
    /// is read again.
    /// </param>
    public static PolicyRows Gather(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens, int? length = null)
    {
        PolicyRows first = from[0].Source;
        RunContext context = first._context;
        int kept = length ?? first.Length;
        int read = length is null ? first._read : Math.Max(0, Math.Min(kept - 1, from.Min(pick => pick.Source._read)));
        KeyValueCache? cache = context.Engine is not null ? null : KeyValueCache.Gather(
            context.Models.Policy.Decoder,
            [.. from.Select(pick => (pick.Source._cache!, pick.Row))],
            context.Prompt.Policy.Cache.Length + maxTokens,
            context.Prompt.Policy.Cache.Length + read);
        return Of(context, cache, from, kept, read, keepsEnds: length is null);
    }

    /// <summary>
    /// Rows that continue rows of these, which keep their caches so that nothing is copied. A row may be used several times.
    /// </summary>
    /// <param name="rows">The row that each continues.</param>
    /// <param name="room">Maximum number of additional tokens of each row.</param>
    public PolicyRows Fan(IReadOnlyList<int> rows, int room)
    {
        KeyValueCache? cache = null;
        if (_cache is not null)
        {
            int prompt = _context.Prompt.Policy.Cache.Length;
            cache = _cache.Fan(_context.Models.Policy.Decoder, rows, prompt + Length + room, prompt + _read);
        }

        return Of(_context, cache, [.. rows.Select(row => (this, row))], Length, _read, keepsEnds: true);
    }

    /// <summary>
    /// Raw logits of the next token [rows, vocabulary], fp32, unmasked, in the caller's scope. Reads the tokens appended since the last
    /// call, so it is called once between two appends.
    /// </summary>
    public Tensor Logits() => Logits([this])[0];

    /// <summary>The same for several groups of rows, which are read together.</summary>
    public static Tensor[] Logits(IReadOnlyList<PolicyRows> groups)
    {
        TransformerDecoder decoder = groups[0]._context.Models.Policy.Decoder;
        PolicyRows[] unread = [.. groups.Where(group => group._read < group._tokens.Count)];
        Tensor[] hidden = unread.Length == 0 ? [] : decoder.Read([.. unread.Select(group => group.Unread(decoder))]);
        var last = new List<Tensor>();
        int at = 0;
        foreach (PolicyRows group in groups)
        {
            last.Add(group._read < group._tokens.Count
                ? hidden[at++].narrow(1, group._tokens.Count - group._read - 1, 1).squeeze(1)
                : group._context.Prompt.Policy.Last.expand(group.Rows, -1, -1).squeeze(1));
            group._read = group._tokens.Count;
        }

        Tensor logits = groups[0]._context.Prompt.Policy.Logits(last.Count == 1 ? last[0] : cat([.. last]));
        return groups.Count == 1 ? [logits] : logits.split([.. groups.Select(group => (long)group.Rows)]);
    }

    /// <summary>
    /// Draws tokens for several groups of rows from a policy elsewhere, all at once. Rows that end earlier than others of their group are
    /// filled with EOS.
    /// </summary>
    /// <param name="groups">The groups. Some of their rows have not ended.</param>
    /// <param name="maxTokens">Maximum number of tokens of each row, EOS included.</param>
    /// <param name="topK">Number of likeliest tokens to draw from; 0 for all.</param>
    public static void Continue(IReadOnlyList<PolicyRows> groups, int maxTokens, int topK)
    {
        RunContext context = groups[0]._context;
        (PolicyRows Group, int Row)[] asked =
        [
            .. groups.SelectMany(group =>
                Enumerable.Range(0, group.Rows).Where(row => !group._finished[row]).Select(row => (group, row))),
        ];
        IReadOnlyList<DrawnTokens> drawn =
            context.Engine!.Continue(context, [.. asked.Select(one => one.Group.Content(one.Row))], maxTokens, topK);
        foreach (PolicyRows group in groups)
        {
            var own = new DrawnTokens?[group.Rows];
            foreach ((int at, (PolicyRows Group, int Row) one) in asked.Index().Where(one => one.Item.Group == group))
            {
                own[one.Row] = drawn[at];
            }

            group.LastNext = [.. own.Select(row => row?.Alternatives[0] ?? [])];
            for (int position = 0; position < own.Max(row => row?.Tokens.Count ?? 0); position++)
            {
                group.Append(
                    [.. own.Select(row => position < row?.Tokens.Count ? row.Tokens[position] : (long)context.Models.Prompts.EosId)],
                    [.. own.Select(row => position < row?.Tokens.Count ? row.LogProbabilities[position] : 0)]);
            }
        }
    }

    /// <summary>The likeliest next tokens of the rows of several groups by a policy elsewhere, likeliest first.</summary>
    public static IReadOnlyList<IReadOnlyList<TokenProbability>>[] Likeliest(IReadOnlyList<PolicyRows> groups)
    {
        RunContext context = groups[0]._context;
        IReadOnlyList<IReadOnlyList<TokenProbability>> told = context.Engine!.Next(
            context, [.. groups.SelectMany(group => Enumerable.Range(0, group.Rows).Select(group.Content))]);
        int first = 0;
        return [.. groups.Select(group => (IReadOnlyList<IReadOnlyList<TokenProbability>>)
            [.. told.Skip((first += group.Rows) - group.Rows).Take(group.Rows)])];
    }

    /// <summary>Appends a token to every row.</summary>
    /// <param name="next">Ids [rows], int64.</param>
    /// <param name="logits">The result of <see cref="Logits()"/>, to add the log-probabilities of the tokens; or null.</param>
    public void Append(Tensor next, Tensor? logits = null) => Append(
        next.cpu().data<long>().ToArray(),
        logits is null ? null : nn.functional.log_softmax(logits, -1).gather(1, next.unsqueeze(1)).cpu().data<float>().ToArray());

    /// <summary>Appends a token to every row.</summary>
    /// <param name="ids">Ids [rows].</param>
    /// <param name="logProbabilities">Log-probabilities of the tokens, in nats; null if they do not count.</param>
    public void Append(long[] ids, float[]? logProbabilities)
    {
        for (int row = 0; row < Rows; row++)
        {
            ids[row] = _stopped[row] ? _context.Models.Prompts.EosId : ids[row];
        }

        _tokens.Add(ids);
        _own.Add(logProbabilities ?? new float[Rows]);
        for (int row = 0; row < Rows; row++)
        {
            if (_finished[row])
            {
                _own[^1][row] = 0;
            }

            _finished[row] |= _context.Models.IsEos(ids[row]);
            _stopped[row] |= !_finished[row] && HasStop(row);
            _finished[row] |= _stopped[row];
        }
    }

    // Whether a row's last token has completed a stop string.
    private bool HasStop(int row) => _context.Task.Stops is { } stops
        && stops.MayOccur([.. _tokens.Skip(_tokens.Count - stops.TailTokens).Select(ids => (int)ids[row])])
        && stops.Occurs(Content(row));

    /// <summary>
    /// Reads a whole response after the prompt in one pass, and appends it to the only row. A policy elsewhere is only asked to: it reads
    /// while the rewards do, until a log-probability is needed.
    /// </summary>
    /// <param name="ids">Its tokens, without EOS.</param>
    /// <param name="ended">Whether EOS follows.</param>
    public void Follow(IReadOnlyList<int> ids, bool ended)
    {
        long[] targets = [.. ids.Select(id => (long)id), .. ended ? [(long)_context.Models.Prompts.EosId] : Array.Empty<long>()];
        if (_context.Engine is { } engine)
        {
            _asked = engine.Read(_context.Task.Prompt, [[.. targets.Select(id => (int)id)]], _context.Cost);
            _askedFrom = _own.Count;
        }

        float[] each = _context.Engine is null ? Followed(targets) : new float[targets.Length];
        for (int position = 0; position < targets.Length; position++)
        {
            Append([targets[position]], [each[position]]);
        }
    }

    // log pi_ref of tokens after the prompt, which are read into the cache.
    private float[] Followed(long[] targets)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = _context.Models.Policy.Decoder;
        Tensor all = tensor(targets, device: decoder.Device).view(1, -1);
        Tensor hidden = _context.Prompt.Policy.Last;
        if (targets.Length > 1)
        {
            _context.Cost.PolicyForward(targets.Length - 1);
            hidden = cat([hidden, decoder.Read([new IdPass(all.narrow(1, 0, targets.Length - 1), _cache!, targets.Length - 1)])[0]], 1);
            _read = targets.Length - 1;
        }

        return _context.Prompt.Policy.LogProbabilities(hidden, all);
    }

    /// <summary>A row's response, without EOS. If a stop string ends it, that is its last part.</summary>
    public int[] Content(int row) =>
        [.. _tokens.Select(ids => ids[row]).TakeWhile(id => !_context.Models.IsEos(id)).Select(id => (int)id)];

    /// <summary>Whether a row has ended with EOS, or a stop string occurs in it.</summary>
    public bool IsFinished(int row) => _finished[row];

    /// <summary>Sum of the log-probabilities of a row's appended tokens, including EOS, in nats.</summary>
    public double LogProbability(int row) => LogProbability(row, _own.Count);

    /// <summary>The same for a row's first tokens.</summary>
    public double LogProbability(int row, int length) => Own().Take(length).Sum(position => (double)position[row]);

    /// <summary>Log-probabilities of a row's appended tokens up to its EOS, in nats.</summary>
    public float[] LogProbabilities(int row)
    {
        int length = _tokens.TakeWhile(ids => !_context.Models.IsEos(ids[row])).Count();
        return [.. Own().Take(length + 1).Select(position => position[row])];
    }

    public void Dispose()
    {
        _asked?.Dispose();
        _cache?.Dispose();
    }

    // Log-probabilities of the appended tokens, once the policy elsewhere has told those that it was asked for.
    private List<float[]> Own()
    {
        if (_asked is not null)
        {
            using EngineReadings asked = _asked;
            _asked = null;
            foreach ((int position, float own) in asked.Take()[0].Index())
            {
                _own[_askedFrom + position][0] = own;
            }
        }

        return _own;
    }

    private static PolicyRows Of(
        RunContext context, KeyValueCache? cache, IReadOnlyList<(PolicyRows Source, int Row)> from, int kept, int read, bool keepsEnds)
    {
        var rows = new PolicyRows(
            context,
            cache,
            from.Count,
            [.. Enumerable.Range(0, kept).Select(position => from.Select(pick => pick.Source._tokens[position][pick.Row]).ToArray())],
            [.. Enumerable.Range(0, kept).Select(position => from.Select(pick => pick.Source.Own()[position][pick.Row]).ToArray())],
            read);
        for (int row = 0; row < from.Count; row++)
        {
            rows._finished[row] = keepsEnds && from[row].Source._finished[from[row].Row];
            rows._stopped[row] = keepsEnds && from[row].Source._stopped[from[row].Row];
        }

        return rows;
    }

    // The tokens that the model has not read yet.
    private IdPass Unread(TransformerDecoder decoder)
    {
        long[] ids = [.. Enumerable.Range(0, Rows).SelectMany(row => _tokens.Skip(_read).Select(step => step[row]))];
        _context.Cost.PolicyForward(ids.Length);
        return new IdPass(tensor(ids, device: decoder.Device).view(Rows, _tokens.Count - _read), _cache!, _tokens.Count - _read);
    }
}
