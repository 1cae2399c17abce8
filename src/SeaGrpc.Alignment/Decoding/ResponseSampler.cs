using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>
/// Decodes several responses to one prompt side by side, one token of each per step: ancestral sampling from the policy,
/// or greedily from the policy's log-probabilities plus given logits.
/// </summary>
internal sealed class ResponseSampler : IDisposable
{
    private readonly RunContext context;
    private readonly Tensor? guide;
    private readonly PolicyRows rows;
    private readonly int maxTokens;

    /// <summary>Prepares the rows; nothing is decoded yet.</summary>
    /// <param name="context">The run: its models, task, prompt, generator and cost.</param>
    /// <param name="rows">Number of responses.</param>
    /// <param name="guide">Logits Y / tau [rows, positions, vocabulary] to add before a greedy choice, taken over; or null to sample.</param>
    public ResponseSampler(RunContext context, int rows, Tensor? guide = null)
    {
        this.context = context;
        this.guide = guide;
        maxTokens = guide is null ? context.Task.MaxResponseTokens : (int)guide.shape[1];
        this.rows = PolicyRows.Start(context, rows, maxTokens);
    }

    /// <summary>Whether every response has ended.</summary>
    public bool IsFinished => rows.Length >= maxTokens || rows.AllFinished;

    /// <summary>Adds one token to every response.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = rows.Logits().Plus(context.Models.LegalTokens);
        rows.Append(guide is null
            ? TokenSampling.Draw(logits, context.Task.Method.SamplingTemperature, context.Generator)
            : nn.functional.log_softmax(logits, -1).Plus(guide.select(1, rows.Length)).argmax(-1));
    }

    /// <summary>The responses so far, EOS excluded, and whether each has ended by EOS.</summary>
    public IReadOnlyList<(int[] Tokens, bool Ended)> Responses() =>
        [.. Enumerable.Range(0, rows.Rows).Select(row => (rows.Content(row), rows.IsFinished(row)))];

    public void Dispose()
    {
        rows.Dispose();
        guide?.Dispose();
    }
}
