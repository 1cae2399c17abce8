using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Decoding;

/// <summary>
/// Decodes several responses to one prompt side by side with a loaded policy, one token per step. It samples from the policy, or decodes
/// greedily from the policy's log-probabilities plus given logits. Many responses are decoded in groups, so that at most the keys and
/// values of one group are held.
/// </summary>
internal sealed class ResponseSampler : IDisposable
{
    /// <summary>Number of rows decoded side by side.</summary>
    public const int GroupRows = 64;

    private readonly RunContext _context;
    private readonly Tensor? _guide;
    private readonly int _count;
    private readonly int _maxTokens;
    private readonly List<(int[] Tokens, bool Ended)> _done = [];
    private LoadedPolicyRows _rows;

    /// <summary>Prepares the rows. Decodes nothing yet.</summary>
    /// <param name="context">The run: its models, task, prompt, generator and cost.</param>
    /// <param name="rows">Number of responses.</param>
    /// <param name="guide">Logits Y / tau [rows, positions, vocabulary] to add for greedy decoding, taken over; null to sample.</param>
    public ResponseSampler(RunContext context, int rows, Tensor? guide = null)
    {
        _context = context;
        _guide = guide;
        _count = rows;
        _maxTokens = guide is null ? context.Task.MaxResponseTokens : (int)guide.shape[1];
        _rows = StartGroup();
    }

    /// <summary>Whether every response has ended.</summary>
    public bool IsFinished => IsGroupFinished && _done.Count + _rows.Rows == _count;

    private bool IsGroupFinished => _rows.Length >= _maxTokens || _rows.AllFinished;

    /// <summary>Appends one token to every response of a group.</summary>
    public void Step()
    {
        if (IsGroupFinished)
        {
            _done.AddRange(OfGroup());
            _rows.Dispose();
            _rows = StartGroup();
        }

        if (IsGroupFinished)
        {
            return; // The prefix fills the whole response.
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = _rows.Logits().Plus(_context.Models.LegalTokens);
        _rows.AppendDrawn(_guide is null
            ? TokenSampling.Draw(logits, _context.Task.Method.SamplingTemperature, _context.Generator)
            : nn.functional.log_softmax(logits, -1).Plus(_guide.narrow(0, _done.Count, _rows.Rows).select(1, _rows.Length)).argmax(-1));
    }

    /// <summary>The responses so far, without EOS, and whether each has ended by EOS or before a stop string.</summary>
    public IReadOnlyList<(int[] Tokens, bool Ended)> Responses() => [.. _done, .. OfGroup()];

    public void Dispose()
    {
        _rows.Dispose();
        _guide?.Dispose();
    }

    private LoadedPolicyRows StartGroup() =>
        new(_context, Math.Min(GroupRows, _count - _done.Count), _maxTokens, _context.Task.ResponsePrefix);

    private IEnumerable<(int[] Tokens, bool Ended)> OfGroup() =>
        Enumerable.Range(0, _rows.Rows).Select(row => (Cut(_rows.Content(row)), _rows.IsFinished(row)));

    private int[] Cut(int[] content) =>
        _context.Task.Stops?.Cut(content, _context.Task.MaxResponseTokens - 1) is { } cut ? [.. cut.Tokens] : content;
}
