using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>
/// Decodes several responses to one prompt side by side, one token of each per step: ancestral sampling from the policy,
/// or greedily from the policy's log-probabilities plus given logits. Many are decoded group after group, so that the keys and values of a
/// group at most are held.
/// </summary>
internal sealed class ResponseSampler : IDisposable
{
    /// <summary>Rows decoded side by side.</summary>
    public const int GroupRows = 64;

    private readonly RunContext context;
    private readonly Tensor? guide;
    private readonly int count;
    private readonly int maxTokens;
    private readonly List<(int[] Tokens, bool Ended)> done = [];
    private PolicyRows rows;

    /// <summary>Prepares the rows; nothing is decoded yet.</summary>
    /// <param name="context">The run: its models, task, prompt, generator and cost.</param>
    /// <param name="rows">Number of responses.</param>
    /// <param name="guide">Logits Y / tau [rows, positions, vocabulary] to add before a greedy choice, taken over; or null to sample.</param>
    public ResponseSampler(RunContext context, int rows, Tensor? guide = null)
    {
        this.context = context;
        this.guide = guide;
        count = rows;
        maxTokens = guide is null ? context.Task.MaxResponseTokens : (int)guide.shape[1];
        this.rows = StartGroup();
    }

    /// <summary>Whether every response has ended.</summary>
    public bool IsFinished => IsGroupFinished && done.Count + rows.Rows == count;

    private bool IsGroupFinished => rows.Length >= maxTokens || rows.AllFinished;

    /// <summary>Adds one token to every response of a group.</summary>
    public void Step()
    {
        if (IsGroupFinished)
        {
            done.AddRange(OfGroup());
            rows.Dispose();
            rows = StartGroup();
        }

        if (IsGroupFinished)
        {
            return; // The prefix is all that they may have.
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = rows.Logits().Plus(context.Models.LegalTokens);
        rows.Append(guide is null
            ? TokenSampling.Draw(logits, context.Task.Method.SamplingTemperature, context.Generator)
            : nn.functional.log_softmax(logits, -1).Plus(guide.narrow(0, done.Count, rows.Rows).select(1, rows.Length)).argmax(-1));
    }

    /// <summary>The responses so far, EOS excluded, and whether each has ended by EOS.</summary>
    public IReadOnlyList<(int[] Tokens, bool Ended)> Responses() => [.. done, .. OfGroup()];

    public void Dispose()
    {
        rows.Dispose();
        guide?.Dispose();
    }

    private PolicyRows StartGroup() => PolicyRows.Start(context, Math.Min(GroupRows, count - done.Count), maxTokens);

    private IEnumerable<(int[] Tokens, bool Ended)> OfGroup() =>
        Enumerable.Range(0, rows.Rows).Select(row => (rows.Content(row), rows.IsFinished(row)));
}
