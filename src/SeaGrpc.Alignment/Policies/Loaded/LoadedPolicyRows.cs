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

    /// <summary>Rows that start with given tokens.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="prefix">The tokens; may be empty.</param>
    public LoadedPolicyRows(RunContext context, int rows, int maxTokens, IReadOnlyList<int> prefix)
        : base(context, rows, prefix) => _cache = context.Prompt.Loaded.Branch(rows, Math.Max(maxTokens, prefix.Count));

    private LoadedPolicyRows(
        KeyValueCache cache, IReadOnlyList<(PolicyRows Source, int Row)> from, int kept, int read, bool keepsEnds)
        : base(from, kept, keepsEnds)
    {
        _cache = cache;
        _read = read;
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
        LoadedPolicyRows[] unread = [.. groups.Where(group => group._read < group.Length)];
        Tensor[] hidden = unread.Length == 0 ? [] : policy.Decoder.Read([.. unread.Select(group => group.Unread())]);
        var last = new List<Tensor>();
        int at = 0;
        foreach (LoadedPolicyRows group in groups)
        {
            last.Add(group._read < group.Length
                ? hidden[at++].narrow(1, group.Length - group._read - 1, 1).squeeze(1)
                : policy.Last.expand(group.Rows, -1, -1).squeeze(1));
            group._read = group.Length;
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

    public override void Dispose() => _cache.Dispose();

    protected override PolicyRows Gathered(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens, int? length)
    {
        int kept = length ?? Length;
        int read = length is null ? _read : Math.Max(0, Math.Min(kept - 1, from.Min(pick => pick.Source.Loaded._read)));
        int prompt = Policy.Cache.Length;
        KeyValueCache cache = KeyValueCache.Gather(
            Policy.Decoder, [.. from.Select(pick => (pick.Source.Loaded._cache, pick.Row))], prompt + maxTokens, prompt + read);
        return new LoadedPolicyRows(cache, from, kept, read, keepsEnds: length is null);
    }

    // The tokens are read into the cache.
    protected override float[] Followed(long[] targets)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor all = tensor(targets, device: Policy.Decoder.Device).view(1, -1);
        Tensor hidden = Policy.Last;
        if (targets.Length > 1)
        {
            Context.Cost.PolicyForward(targets.Length - 1);
            var pass = new IdPass(all.narrow(1, 0, targets.Length - 1), _cache, targets.Length - 1);
            hidden = cat([hidden, Policy.Decoder.Read([pass])[0]], 1);
            _read = targets.Length - 1;
        }

        return Policy.LogProbabilities(hidden, all);
    }

    // The tokens that the model has not read yet.
    private IdPass Unread()
    {
        long[] ids = [.. Enumerable.Range(0, Rows).SelectMany(row => Tokens.Skip(_read).Select(step => step[row]))];
        Context.Cost.PolicyForward(ids.Length);
        return new IdPass(tensor(ids, device: Policy.Decoder.Device).view(Rows, Length - _read), _cache, Length - _read);
    }
}
