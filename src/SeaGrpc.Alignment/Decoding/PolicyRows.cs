using SeaGrpc.Modeling.Batching;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>
/// Responses to one prompt that grow side by side under the policy, one token of each at a time; rows can be taken over
/// into new ones, so that a search reads no prefix twice. It chooses no tokens. Owns its cache.
/// </summary>
internal sealed class PolicyRows : IDisposable
{
    private readonly RunContext context;
    private readonly KeyValueCache cache;
    private readonly List<long[]> tokens;
    private readonly bool[] finished;
    private readonly double[] logProbabilities;
    private int read;

    private PolicyRows(RunContext context, KeyValueCache cache, int rows, List<long[]> tokens, int read)
    {
        this.context = context;
        this.cache = cache;
        this.tokens = tokens;
        this.read = read;
        Rows = rows;
        finished = new bool[rows];
        logProbabilities = new double[rows];
    }

    public int Rows { get; }

    /// <summary>Tokens of every row, what stands after a row's EOS included.</summary>
    public int Length => tokens.Count;

    /// <summary>Whether every row has its EOS.</summary>
    public bool AllFinished => finished.All(done => done);

    /// <summary>Rows that begin with the response prefix.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">How many.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    public static PolicyRows Start(RunContext context, int rows, int maxTokens)
    {
        KeyValueCache prompt = context.Prompt.PolicyCache;
        IReadOnlyList<int> prefix = context.Task.ResponsePrefix;
        KeyValueCache cache = prompt.Branch(context.Models.Policy.Decoder, rows, prompt.Length + Math.Max(maxTokens, prefix.Count));
        return new PolicyRows(context, cache, rows, [.. prefix.Select(id => Enumerable.Repeat((long)id, rows).ToArray())], read: 0);
    }

    /// <summary>Rows that go on from rows of others, all of one length; a row may be taken several times.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    public static PolicyRows Gather(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens)
    {
        PolicyRows first = from[0].Source;
        RunContext context = first.context;
        KeyValueCache cache = KeyValueCache.Gather(
            context.Models.Policy.Decoder,
            [.. from.Select(pick => (pick.Source.cache, pick.Row))],
            context.Prompt.PolicyCache.Length + maxTokens);
        List<long[]> tokens = [.. Enumerable.Range(0, first.Length).Select(position => from.Select(pick => pick.Source.tokens[position][pick.Row]).ToArray())];
        var rows = new PolicyRows(context, cache, from.Count, tokens, first.read);
        for (int row = 0; row < from.Count; row++)
        {
            rows.finished[row] = from[row].Source.finished[from[row].Row];
            rows.logProbabilities[row] = from[row].Source.logProbabilities[from[row].Row];
        }

        return rows;
    }

    /// <summary>
    /// The next token's raw logits [rows, vocabulary], fp32, unmasked; a tensor of the caller's scope. Reads the tokens
    /// appended since the last call, so it is called once between two appends.
    /// </summary>
    public Tensor Logits()
    {
        TransformerDecoder decoder = context.Models.Policy.Decoder;
        Tensor hidden = read == tokens.Count ? context.Prompt.PolicyLast.expand(Rows, -1, -1) : Read(decoder);
        return ModelPasses.Logits(decoder, hidden.squeeze(1)).to(ScalarType.Float32);
    }

    /// <summary>Adds a token to every row.</summary>
    /// <param name="next">Ids [rows], int64.</param>
    /// <param name="logits">What <see cref="Logits"/> gave, to add the tokens' log-probabilities; or null.</param>
    public void Append(Tensor next, Tensor? logits = null)
    {
        long[] ids = next.cpu().data<long>().ToArray();
        float[]? own = logits is null
            ? null
            : nn.functional.log_softmax(logits, -1).gather(1, next.unsqueeze(1)).cpu().data<float>().ToArray();
        tokens.Add(ids);
        for (int row = 0; row < Rows; row++)
        {
            logProbabilities[row] += finished[row] || own is null ? 0 : own[row];
            finished[row] |= context.Models.IsEos(ids[row]);
        }
    }

    /// <summary>A row's response, EOS excluded.</summary>
    public int[] Content(int row) =>
        [.. tokens.Select(ids => ids[row]).TakeWhile(id => !context.Models.IsEos(id)).Select(id => (int)id)];

    /// <summary>Whether a row has its EOS.</summary>
    public bool IsFinished(int row) => finished[row];

    /// <summary>Sum of the log-probabilities of a row's appended tokens, its EOS included, in nats.</summary>
    public double LogProbability(int row) => logProbabilities[row];

    public void Dispose() => cache.Dispose();

    private Tensor Read(TransformerDecoder decoder)
    {
        int count = tokens.Count - read;
        long[] ids = [.. Enumerable.Range(0, Rows).SelectMany(row => tokens.Skip(read).Select(step => step[row]))];
        context.Cost.PolicyForward(ids.Length);
        Tensor hidden = decoder.Forward(decoder.Embed(tensor(ids, device: decoder.Device).view(Rows, count)), cache);
        read = tokens.Count;
        return hidden.narrow(1, count - 1, 1);
    }
}
