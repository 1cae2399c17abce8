using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>
/// Decodes several responses to one prompt side by side, one token of each per step: ancestral sampling from the policy,
/// or greedily from the policy's log-probabilities plus given logits.
/// </summary>
internal sealed class ResponseSampler : IDisposable
{
    private readonly AlignmentModels models;
    private readonly AlignmentTask task;
    private readonly CostCounter cost;
    private readonly Generator generator;
    private readonly double temperature;
    private readonly Tensor? guide;
    private readonly List<long[]> tokens = [];
    private readonly bool[] finished;
    private readonly KeyValueCache cache;
    private Tensor hidden;

    /// <summary>Prepares the rows; nothing is decoded yet.</summary>
    /// <param name="context">The run: its models, task, prompt, generator and cost.</param>
    /// <param name="rows">Number of responses.</param>
    /// <param name="guide">Logits Y / tau [rows, positions, vocabulary] to add before a greedy choice, taken over; or null to sample.</param>
    public ResponseSampler(RunContext context, int rows, Tensor? guide = null)
    {
        models = context.Models;
        task = context.Task;
        cost = context.Cost;
        generator = context.Generator;
        temperature = task.Method.SamplingTemperature;
        this.guide = guide;
        Rows = rows;
        finished = new bool[rows];
        TransformerDecoder decoder = models.Policy.Decoder;
        cache = context.Prompt.PolicyCache.Fork(decoder, rows, context.Prompt.PolicyCache.Length + MaxTokens);
        using Tensor repeated = context.Prompt.PolicyLast.expand(rows, -1, -1);
        hidden = repeated.clone().DetachFromDisposeScope();
    }

    public int Rows { get; }

    /// <summary>Whether every response has ended.</summary>
    public bool IsFinished { get; private set; }

    private int MaxTokens => guide is null ? task.MaxResponseTokens : (int)guide.shape[1];

    /// <summary>Adds one token to every response (the whole response prefix at first).</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (tokens.Count == 0 && task.ResponsePrefix.Count > 0)
        {
            foreach (int id in task.ResponsePrefix)
            {
                tokens.Add([.. Enumerable.Repeat((long)id, Rows)]);
            }

            Feed(tensor(task.ResponsePrefix.Select(id => (long)id).ToArray(), device: models.Policy.Decoder.Device).expand(Rows, -1));
        }
        else
        {
            Tensor next = Choose();
            long[] ids = next.cpu().data<long>().ToArray();
            tokens.Add(ids);
            for (int row = 0; row < Rows; row++)
            {
                finished[row] |= models.IsEos(ids[row]);
            }

            if (tokens.Count < MaxTokens && !finished.All(done => done))
            {
                Feed(next.unsqueeze(1));
            }
        }

        IsFinished = tokens.Count >= MaxTokens || finished.All(done => done);
    }

    /// <summary>The responses so far, EOS excluded, and whether each has ended by EOS.</summary>
    public IReadOnlyList<(int[] Tokens, bool Ended)> Responses() =>
        [.. Enumerable.Range(0, Rows).Select(row =>
        {
            int[] content = [.. tokens.Select(ids => ids[row]).TakeWhile(id => !models.IsEos(id)).Select(id => (int)id)];
            return (content, content.Length < tokens.Count);
        })];

    public void Dispose()
    {
        cache.Dispose();
        hidden.Dispose();
        guide?.Dispose();
    }

    private Tensor Choose()
    {
        Tensor logits = models.Policy.Decoder.Logits(hidden).squeeze(1).to(ScalarType.Float32) + models.LegalTokens;
        if (guide is not null)
        {
            return (nn.functional.log_softmax(logits, -1) + guide.select(1, tokens.Count)).argmax(-1);
        }

        // By the inverse of the distribution function: one random number a row. In (0, 1], so that no illegal token is hit.
        Tensor distribution = nn.functional.softmax(logits.div(temperature), -1).cumsum(-1, ScalarType.Float64);
        Tensor quantile = ones([Rows, 1], ScalarType.Float64, logits.device)
            - rand([Rows, 1], generator: generator, dtype: ScalarType.Float64, device: logits.device);
        return searchsorted(distribution, quantile * distribution.narrow(1, distribution.shape[1] - 1, 1)).squeeze(1);
    }

    private void Feed(Tensor ids)
    {
        TransformerDecoder decoder = models.Policy.Decoder;
        cost.PolicyForward(ids.numel());
        Tensor next = decoder.Forward(decoder.Embed(ids), cache);
        hidden.Dispose();
        hidden = next.narrow(1, next.shape[1] - 1, 1).clone().DetachFromDisposeScope();
    }
}
