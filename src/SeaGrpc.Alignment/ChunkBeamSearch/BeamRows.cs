using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>Responses as both models have read them; they grow under the policy and are scored by the reward model.</summary>
internal sealed class BeamRows : IDisposable
{
    private readonly RunContext _context;
    private readonly int _topK;
    private readonly PolicyRows _policy;
    private readonly RewardRows _rewards;
    private readonly int _maxTokens;
    private readonly double _prefixLogProbability;
    private int _scored;

    private BeamRows(
        RunContext context, int topK, PolicyRows policy, RewardRows rewards, int maxTokens, double prefixLogProbability, int scored)
    {
        _context = context;
        _topK = topK;
        _policy = policy;
        _rewards = rewards;
        _maxTokens = maxTokens;
        _prefixLogProbability = prefixLogProbability;
        _scored = scored;
    }

    public int Rows => _policy.Rows;

    /// <summary>Whether every row has ended or has all its tokens.</summary>
    public bool IsGrown => _policy.AllFinished || _policy.Length >= _maxTokens;

    /// <summary>Rows that begin with the response prefix, which they read with their first tokens.</summary>
    /// <param name="context">The run.</param>
    /// <param name="topK">Sample among the k likeliest; 0 is all.</param>
    /// <param name="rows">How many.</param>
    /// <param name="maxTokens">Where growing stops.</param>
    /// <param name="prefixLogProbability">log pi_ref of the prefix.</param>
    public static BeamRows Start(RunContext context, int topK, int rows, int maxTokens, double prefixLogProbability) => new(
        context, topK, PolicyRows.Start(context, rows, maxTokens), RewardRows.Start(context, rows, maxTokens), maxTokens,
        prefixLogProbability, scored: 0);

    /// <summary>Rows that go on from rows of others, all of one length and none ended.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="maxTokens">Where growing stops.</param>
    public static BeamRows Gather(IReadOnlyList<(BeamRows Source, int Row)> from, int maxTokens)
    {
        BeamRows first = from[0].Source;
        return new BeamRows(
            first._context,
            first._topK,
            PolicyRows.Gather([.. from.Select(pick => (pick.Source._policy, pick.Row))], maxTokens),
            RewardRows.Gather([.. from.Select(pick => (pick.Source._rewards, pick.Row))], maxTokens),
            maxTokens,
            first._prefixLogProbability,
            first._scored);
    }

    /// <summary>Whether a row ended by EOS or by the token limit.</summary>
    public bool IsWhole(int row) => _policy.IsFinished(row) || _policy.Length >= _context.Task.MaxResponseTokens;

    /// <summary>Samples one token of every row.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = _policy.Logits();
        Tensor next = TokenSampling.Draw(
            logits.Plus(_context.Models.LegalTokens), _context.Task.Method.SamplingTemperature, _context.Generator, _topK);
        _policy.Append(next, logits);
    }

    /// <summary>Reads what has been sampled since the last score, and scores every row; whole ones always at the suffix's end.</summary>
    /// <param name="appendSuffix">Whether those that have not ended are scored as if they had, or at their last token.</param>
    public ScoredResponse[] Score(bool appendSuffix)
    {
        int[][] contents = [.. Enumerable.Range(0, Rows).Select(_policy.Content)];
        bool goesOn = Enumerable.Range(0, Rows).Any(row => !IsWhole(row));
        float[] own = _rewards.Read(
            [.. contents.Select(content => content[_scored..])],
            [.. Enumerable.Range(0, Rows).Select(row => appendSuffix || IsWhole(row))],
            advance: goesOn ? _policy.Length - _scored : 0);
        _scored = _policy.Length;
        return [.. contents.Select((content, row) =>
            _context.Scored(content, _policy.IsFinished(row), own[row], _prefixLogProbability + _policy.LogProbability(row)))];
    }

    public void Dispose()
    {
        _policy.Dispose();
        _rewards.Dispose();
    }
}
