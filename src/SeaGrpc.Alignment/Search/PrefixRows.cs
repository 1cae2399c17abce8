using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Search;

/// <summary>Prefixes of one length, side by side, as the policy and the rewards have read them. Owns what they have read.</summary>
internal sealed class PrefixRows : IDisposable
{
    private readonly RunContext _context;
    private readonly RewardRows _rewards;
    private PolicyRows? _policy;
    private int _scored;

    private PrefixRows(RunContext context, PolicyRows policy, RewardRows rewards, int scored)
    {
        _context = context;
        _policy = policy;
        _rewards = rewards;
        _scored = scored;
    }

    public PolicyRows Policy => _policy!;

    public int Rows => _rewards.Rows;

    /// <summary>Tokens of every row.</summary>
    public int Length => Policy.Length;

    /// <summary>Whether every row has ended or has all its tokens.</summary>
    public bool IsGrown => Policy.AllFinished || Length >= MaxTokens;

    private int MaxTokens => _context.Task.MaxResponseTokens;

    /// <summary>One row that holds the tokens every response starts with, which both models read once.</summary>
    /// <param name="context">The run.</param>
    /// <param name="prefix">These tokens; may be none.</param>
    public static PrefixRows Start(RunContext context, IReadOnlyList<int> prefix)
    {
        PrefixRows rows = Empty(context);
        try
        {
            if (prefix.Count > 0)
            {
                rows.Policy.Follow(prefix, ended: false);
                rows._rewards.Follow([.. prefix]);
                rows._scored = prefix.Count;
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole response, in one pass of each model.</summary>
    /// <param name="context">The run.</param>
    /// <param name="tokens">Its ids, EOS excluded.</param>
    /// <param name="ended">Whether EOS follows.</param>
    /// <param name="reportsEnergy">Whether its energy is only reported, so that the policy's pass costs the method nothing.</param>
    /// <returns>One row that holds it, and its score.</returns>
    public static (PrefixRows Rows, ScoredResponse Response) Read(
        RunContext context, IReadOnlyList<int> tokens, bool ended, bool reportsEnergy = false)
    {
        PrefixRows rows = Empty(context);
        try
        {
            using (reportsEnergy ? context.Cost.Pause() : null)
            {
                rows.Policy.Follow(tokens, ended);
            }

            return (rows, rows.Score()[0]);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Rows that go on from rows of others; a row may be taken several times.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="length">
    /// Tokens that each keeps, its first ones, before its EOS; null where all have equally many and keep them.
    /// </param>
    public static PrefixRows Gather(IReadOnlyList<(PrefixRows Source, int Row)> from, int? length = null)
    {
        PrefixRows first = from[0].Source;
        return new PrefixRows(
            first._context,
            PolicyRows.Gather([.. from.Select(pick => (pick.Source.Policy, pick.Row))], first.MaxTokens, length),
            RewardRows.Gather([.. from.Select(pick => (pick.Source._rewards, pick.Row))], first.MaxTokens, length),
            length ?? first._scored);
    }

    /// <summary>
    /// Rows that go on from rows of these, which keep what they have, so that it need not be copied. A row may be taken several times.
    /// </summary>
    /// <param name="rows">The row that each goes on from.</param>
    /// <param name="room">Most tokens that each will have beyond those.</param>
    public PrefixRows Fan(IReadOnlyList<int> rows, int room) =>
        new(_context, Policy.Fan(rows, Math.Min(room, MaxTokens - Length)), FanRewards(rows, room), _scored);

    /// <summary>Rows of a tensor, each as often as it is named.</summary>
    public static Tensor Repeated(Tensor all, IEnumerable<int> rows) =>
        all.index_select(0, tensor(rows.Select(row => (long)row).ToArray(), device: all.device));

    /// <summary>Rows of the rewards alone that go on from rows of these.</summary>
    /// <param name="rows">The row that each goes on from.</param>
    /// <param name="room">Most tokens that each will have beyond those.</param>
    public RewardRows FanRewards(IReadOnlyList<int> rows, int room) =>
        _rewards.Fan(rows, Math.Min(room, MaxTokens - Length) + Length - _scored);

    /// <summary>A row's response with a next token, scored.</summary>
    /// <param name="token">The token.</param>
    /// <param name="reward">The reward that the response has with it.</param>
    public ScoredResponse Extended(NextToken token, double reward) => _context.Scored(
        token.IsEnd ? Policy.Content(token.Beam) : [.. Policy.Content(token.Beam), (int)token.Id],
        token.IsEnd,
        reward,
        Policy.LogProbability(token.Beam) + token.LogProbability);

    /// <summary>Rows that have their next tokens already: the policy has yet to read them, the rewards have.</summary>
    /// <param name="next">The tokens.</param>
    /// <param name="rewards">Where the rewards have read them, in their order; taken over.</param>
    /// <param name="keepsBeams">Whether something goes on from these beams still.</param>
    public PrefixRows Extend(IReadOnlyList<NextToken> next, RewardRows rewards, bool keepsBeams)
    {
        PolicyRows policy;
        if (!keepsBeams && next.Select(token => token.Beam).SequenceEqual(Enumerable.Range(0, Rows)))
        {
            policy = Policy;
            _policy = null;
        }
        else
        {
            policy = PolicyRows.Gather([.. next.Select(token => (Policy, token.Beam))], MaxTokens);
        }

        policy.Append([.. next.Select(token => token.Id)], [.. next.Select(token => token.LogProbability)]);
        return new PrefixRows(_context, policy, rewards, policy.Length);
    }

    /// <summary>Samples one token of every row.</summary>
    /// <param name="logits">The next token's raw logits [rows, vocabulary].</param>
    /// <param name="topK">Sample among the k likeliest; 0 is all.</param>
    public void Draw(Tensor logits, int topK)
    {
        using var noGrad = no_grad();
        Tensor next = TokenSampling.Draw(
            logits.Plus(_context.Models.LegalTokens), _context.Task.Method.SamplingTemperature, _context.Generator, topK);
        Policy.Append(next, logits);
    }

    /// <summary>Whether a row ended by EOS or by the token limit.</summary>
    public bool IsWhole(int row) => Policy.IsFinished(row) || Length >= MaxTokens;

    /// <summary>
    /// The rewards and energies that the beginnings of the only row would have if they ended there, at evenly spaced places, without their
    /// EOS's probability.
    /// </summary>
    /// <param name="places">How many at most.</param>
    /// <param name="raw">Whether the reward reads them at their last tokens instead.</param>
    public (double Reward, double Energy)[] Beginnings(int places, bool raw = false)
    {
        int length = Policy.Content(0).Length;
        int[] cuts = [.. Enumerable.Range(1, places).Select(place => place * length / (places + 1)).Where(cut => cut > 0).Distinct()];
        if (cuts.Length == 0)
        {
            return [];
        }

        int[] content = Policy.Content(0);
        int Unread(int cut) => raw ? 1 : 0;
        RewardRows[] rows = [.. cuts.Select(cut => _rewards.Fan([0], Unread(cut), cut - Unread(cut)))];
        try
        {
            float[][] rewards = RewardRows.Read(_context, [.. rows.Select((own, index) => (
                own,
                (IReadOnlyList<int[]>)[content[(cuts[index] - Unread(cuts[index]))..cuts[index]]],
                (IReadOnlyList<bool>)[!raw],
                0))]);
            return [.. cuts.Select((cut, index) => (
                (double)rewards[index][0],
                Energy.Of(Policy.LogProbability(0, cut), rewards[index][0], _context.Task.Method.RewardWeight)))];
        }
        finally
        {
            Array.ForEach(rows, own => own.Dispose());
        }
    }

    /// <summary>The row's tokens ending here, by an EOS of a given log-probability.</summary>
    public ScoredResponse Ended(int row, double reward, double endLogProbability) =>
        _context.Scored(Policy.Content(row), ended: true, reward, Policy.LogProbability(row) + endLogProbability);

    /// <summary>Reads what has been appended since the last score, and scores every row as if it ended here.</summary>
    public ScoredResponse[] Score() => Score(_context, [this])[0];

    /// <summary>The same of several groups, together.</summary>
    /// <param name="context">The run.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="raw">Whether rows that are not whole are scored at their last token instead.</param>
    public static ScoredResponse[][] Score(RunContext context, IReadOnlyList<PrefixRows> groups, bool raw = false)
    {
        int[][][] contents = [.. groups.Select(group => (int[][])[.. Enumerable.Range(0, group.Rows).Select(group.Policy.Content)])];
        int[][][] unread =
            [.. groups.Select(
                (group, index) => (int[][])[.. contents[index].Select(content => content[Math.Min(content.Length, group._scored)..])])];
        float[][] rewards = RewardRows.Read(context, [.. groups.Select((group, index) => (
            group._rewards,
            (IReadOnlyList<int[]>)unread[index],
            (IReadOnlyList<bool>)[.. Enumerable.Range(0, group.Rows).Select(row => !raw || group.IsWhole(row))],
            unread[index].Max(own => own.Length)))]);
        return [.. groups.Select((group, index) =>
        {
            group._scored += unread[index].Max(own => own.Length);
            return (ScoredResponse[])[.. contents[index].Select((content, row) => context.Scored(
                content, group.Policy.IsFinished(row), rewards[index][row], group.Policy.LogProbability(row)))];
        })];
    }

    public void Dispose()
    {
        _policy?.Dispose();
        _rewards.Dispose();
    }

    private static PrefixRows Empty(RunContext context) => new(
        context,
        PolicyRows.Start(context, 1, context.Task.MaxResponseTokens, []),
        RewardRows.Start(context, 1, context.Task.MaxResponseTokens),
        scored: 0);
}
