using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Args;

/// <summary>One response that grows by the best-scored of the policy's k likeliest next tokens.</summary>
/// <remarks>
/// A step:
/// 1. The k likeliest tokens by the raw next-token logits.
/// 2. The reward of the response with each of them: one pass over k rows that all hold the response so far.
/// 3. score = logit + w reward; the highest, or a draw.
/// 4. The chosen row's new position is copied to the others, so that nothing is read twice.
/// </remarks>
internal sealed class ArgsSearch : IDisposable
{
    private readonly RunContext _context;
    private readonly ArgsParameters _parameters;
    private readonly PolicyRows _policy;
    private readonly RewardRows _rewards;
    private readonly double _prefixLogProbability;
    private readonly int _candidates;

    /// <summary>Starts at the response prefix.</summary>
    public ArgsSearch(RunContext context, ArgsParameters parameters)
    {
        _context = context;
        _parameters = parameters;
        int maxTokens = context.Task.MaxResponseTokens;
        _prefixLogProbability = _context.ReportedPrefixLogProbability();
        _policy = PolicyRows.Start(_context, rows: 1, maxTokens);
        _candidates = Math.Min(parameters.Candidates, LegalCount());
        try
        {
            using RewardRows start = RewardRows.Start(context, rows: 1, maxTokens);
            if (_policy.Length > 0)
            {
                start.Read([_policy.Content(0)], [false], _policy.Length);
            }

            _rewards = RewardRows.Gather([.. Enumerable.Repeat((start, 0), _candidates)], maxTokens);
        }
        catch
        {
            _policy.Dispose();
            throw;
        }
    }

    /// <summary>Whether the response has its EOS or its last token.</summary>
    public bool IsFinished => _policy.AllFinished || _policy.Length >= _context.Task.MaxResponseTokens;

    /// <summary>Adds one token.</summary>
    /// <returns>The response now; its reward is the one that the token was chosen by.</returns>
    public ScoredResponse Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // 1. Candidates.
        Tensor logits = _policy.Logits();
        (Tensor likeliest, Tensor ids) = logits.Plus(_context.Models.LegalTokens).topk(_candidates, -1);
        long[] tokens = ids.cpu().data<long>().ToArray();
        // 2. Their rewards.
        float[] reward = Rewards(tokens);
        // 3. The choice.
        Tensor scores = likeliest.Plus(tensor(reward, device: likeliest.device).Times(_parameters.GuidanceWeight));
        Tensor choice = _parameters.Greedy
            ? scores.argmax(-1)
            : TokenSampling.Draw(scores, _parameters.Temperature, _context.Generator);
        int chosen = (int)choice.item<long>();
        _policy.Append(ids.select(1, chosen), logits);
        // 4. One row for all.
        if (!IsFinished)
        {
            _rewards.KeepRow(chosen, count: 1);
        }

        return _context.Scored(
            _policy.Content(0), _policy.IsFinished(0), reward[chosen], _prefixLogProbability + _policy.LogProbability(0));
    }

    public void Dispose()
    {
        _policy.Dispose();
        _rewards.Dispose();
    }

    /// <summary>A response that ends, by EOS or by the limit, is scored whole whatever the prefixes' scoring.</summary>
    private float[] Rewards(long[] tokens)
    {
        bool last = _policy.Length + 1 >= _context.Task.MaxResponseTokens;
        bool whole = last || _parameters.PrefixScoring == ArgsPrefixScoring.EosAppended;
        return _rewards.Read(
            [.. tokens.Select(id => _context.Models.IsEos(id) ? Array.Empty<int>() : [(int)id])],
            [.. tokens.Select(id => whole || _context.Models.IsEos(id))],
            advance: 1);
    }

    private int LegalCount()
    {
        using var scope = NewDisposeScope();
        return (int)_context.Models.LegalTokens.isfinite().sum().item<long>();
    }
}
