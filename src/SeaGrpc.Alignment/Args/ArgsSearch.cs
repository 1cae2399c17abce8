using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Scoring;
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
    private readonly RunContext context;
    private readonly ArgsParameters parameters;
    private readonly PolicyRows policy;
    private readonly RewardRows rewards;
    private readonly double prefixLogProbability;
    private readonly int candidates;

    /// <summary>Starts at the response prefix.</summary>
    public ArgsSearch(RunContext context, ArgsParameters parameters)
    {
        this.context = context;
        this.parameters = parameters;
        int maxTokens = context.Task.MaxResponseTokens;
        prefixLogProbability = context.ReportedPrefixLogProbability();
        policy = PolicyRows.Start(context, rows: 1, maxTokens);
        using RewardRows start = RewardRows.Start(context, rows: 1, maxTokens);
        if (policy.Length > 0)
        {
            start.Read([policy.Content(0)], [false], policy.Length);
        }

        candidates = Math.Min(parameters.Candidates, LegalCount());
        rewards = RewardRows.Gather([.. Enumerable.Repeat((start, 0), candidates)], maxTokens);
    }

    /// <summary>Whether the response has its EOS or its last token.</summary>
    public bool IsFinished => policy.AllFinished || policy.Length >= context.Task.MaxResponseTokens;

    /// <summary>Adds one token.</summary>
    /// <returns>The response now; its reward is the one that the token was chosen by.</returns>
    public ScoredResponse Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // 1. Candidates.
        Tensor logits = policy.Logits();
        (Tensor likeliest, Tensor ids) = logits.Plus(context.Models.LegalTokens).topk(candidates, -1);
        long[] tokens = ids.cpu().data<long>().ToArray();
        // 2. Their rewards.
        float[] reward = Rewards(tokens);
        // 3. The choice.
        Tensor scores = likeliest.Plus(tensor(reward, device: likeliest.device).Times(parameters.GuidanceWeight));
        Tensor choice = parameters.Greedy
            ? scores.argmax(-1)
            : TokenSampling.Draw(scores, parameters.Temperature, context.Generator);
        int chosen = (int)choice.item<long>();
        policy.Append(ids.select(1, chosen), logits);
        // 4. One row for all.
        if (!IsFinished)
        {
            rewards.KeepRow(chosen, count: 1);
        }

        return context.Scored(policy.Content(0), policy.IsFinished(0), reward[chosen], prefixLogProbability + policy.LogProbability(0));
    }

    public void Dispose()
    {
        policy.Dispose();
        rewards.Dispose();
    }

    /// <summary>A response that ends, by EOS or by the limit, is scored whole whatever the prefixes' scoring.</summary>
    private float[] Rewards(long[] tokens)
    {
        bool last = policy.Length + 1 >= context.Task.MaxResponseTokens;
        bool whole = last || parameters.PrefixScoring == ArgsPrefixScoring.EosAppended;
        return rewards.Read(
            [.. tokens.Select(id => context.Models.IsEos(id) ? Array.Empty<int>() : [(int)id])],
            [.. tokens.Select(id => whole || context.Models.IsEos(id))],
            advance: 1);
    }

    private int LegalCount()
    {
        using var scope = NewDisposeScope();
        return (int)context.Models.LegalTokens.isfinite().sum().item<long>();
    }
}
