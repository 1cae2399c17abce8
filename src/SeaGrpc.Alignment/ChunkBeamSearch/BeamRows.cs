using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.ChunkBeamSearch;

/// <summary>Responses as both models have read them; they grow under the policy and are scored by the reward model.</summary>
internal sealed class BeamRows : IDisposable
{
    private readonly RunContext context;
    private readonly int topK;
    private readonly PolicyRows policy;
    private readonly RewardRows rewards;
    private readonly int maxTokens;
    private readonly double prefixLogProbability;
    private int scored;

    private BeamRows(RunContext context, int topK, PolicyRows policy, RewardRows rewards, int maxTokens, double prefixLogProbability, int scored)
    {
        this.context = context;
        this.topK = topK;
        this.policy = policy;
        this.rewards = rewards;
        this.maxTokens = maxTokens;
        this.prefixLogProbability = prefixLogProbability;
        this.scored = scored;
    }

    public int Rows => policy.Rows;

    /// <summary>Whether every row has ended or has all its tokens.</summary>
    public bool IsGrown => policy.AllFinished || policy.Length >= maxTokens;

    /// <summary>Rows that begin with the response prefix, which they read with their first tokens.</summary>
    /// <param name="context">The run.</param>
    /// <param name="topK">Sample among the k likeliest; 0 is all.</param>
    /// <param name="rows">How many.</param>
    /// <param name="maxTokens">Where growing stops.</param>
    /// <param name="prefixLogProbability">log pi_ref of the prefix.</param>
    public static BeamRows Start(RunContext context, int topK, int rows, int maxTokens, double prefixLogProbability) => new(
        context, topK, PolicyRows.Start(context, rows, maxTokens), RewardRows.Start(context, rows, maxTokens), maxTokens, prefixLogProbability, scored: 0);

    /// <summary>Rows that go on from rows of others, all of one length and none ended.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="maxTokens">Where growing stops.</param>
    public static BeamRows Gather(IReadOnlyList<(BeamRows Source, int Row)> from, int maxTokens)
    {
        BeamRows first = from[0].Source;
        return new BeamRows(
            first.context,
            first.topK,
            PolicyRows.Gather([.. from.Select(pick => (pick.Source.policy, pick.Row))], maxTokens),
            RewardRows.Gather([.. from.Select(pick => (pick.Source.rewards, pick.Row))], maxTokens),
            maxTokens,
            first.prefixLogProbability,
            first.scored);
    }

    /// <summary>Whether a row ended by EOS or by the token limit.</summary>
    public bool IsWhole(int row) => policy.IsFinished(row) || policy.Length >= context.Task.MaxResponseTokens;

    /// <summary>Samples one token of every row.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor logits = policy.Logits();
        Tensor next = TokenSampling.Draw(
            logits.Plus(context.Models.LegalTokens), context.Task.Method.SamplingTemperature, context.Generator, topK);
        policy.Append(next, logits);
    }

    /// <summary>Reads what has been sampled since the last score, and scores every row; whole ones always at the suffix's end.</summary>
    /// <param name="appendSuffix">Whether those that have not ended are scored as if they had, or at their last token.</param>
    public ScoredResponse[] Score(bool appendSuffix)
    {
        int[][] contents = [.. Enumerable.Range(0, Rows).Select(policy.Content)];
        bool goesOn = Enumerable.Range(0, Rows).Any(row => !IsWhole(row));
        float[] own = rewards.Read(
            [.. contents.Select(content => content[scored..])],
            [.. Enumerable.Range(0, Rows).Select(row => appendSuffix || IsWhole(row))],
            advance: goesOn ? policy.Length - scored : 0);
        scored = policy.Length;
        return [.. contents.Select((content, row) =>
            context.Scored(content, policy.IsFinished(row), own[row], prefixLogProbability + policy.LogProbability(row)))];
    }

    public void Dispose()
    {
        policy.Dispose();
        rewards.Dispose();
    }
}
