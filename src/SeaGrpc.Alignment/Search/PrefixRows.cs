using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment.Search;

/// <summary>Prefixes of one length, side by side, as the policy and the rewards have read them. Owns what they have read.</summary>
internal sealed class PrefixRows : IDisposable
{
    private readonly RunContext _context;
    private readonly double _prefixLogProbability;
    private int _scored;

    private PrefixRows(RunContext context, PolicyRows policy, RewardRows rewards, double prefixLogProbability, int scored)
    {
        _context = context;
        Policy = policy;
        Rewards = rewards;
        _prefixLogProbability = prefixLogProbability;
        _scored = scored;
    }

    public PolicyRows Policy { get; }

    public RewardRows Rewards { get; }

    public int Rows => Policy.Rows;

    /// <summary>Tokens of every row.</summary>
    public int Length => Policy.Length;

    private int MaxTokens => _context.Task.MaxResponseTokens;

    /// <summary>One row that holds the tokens every response starts with.</summary>
    /// <param name="context">The run.</param>
    /// <param name="prefix">These tokens.</param>
    /// <param name="prefixLogProbability">Their log pi_ref.</param>
    public static PrefixRows Start(RunContext context, IReadOnlyList<int> prefix, double prefixLogProbability) => new(
        context,
        PolicyRows.Start(context, 1, context.Task.MaxResponseTokens, prefix),
        RewardRows.Start(context, 1, context.Task.MaxResponseTokens),
        prefixLogProbability,
        scored: 0);

    /// <summary>Reads a whole response, in one pass of each model.</summary>
    /// <param name="context">The run.</param>
    /// <param name="tokens">Its ids, EOS excluded.</param>
    /// <param name="ended">Whether EOS follows.</param>
    /// <returns>One row that holds it, and its score.</returns>
    public static (PrefixRows Rows, ScoredResponse Response) Read(RunContext context, IReadOnlyList<int> tokens, bool ended)
    {
        PrefixRows rows = Start(context, [], 0);
        try
        {
            rows.Policy.Follow(tokens, ended);
            return (rows, rows.Score()[0]);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Rows that go on from rows of others.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="length">Tokens that each keeps, its first ones, before its EOS; null where all have equally many and keep them.</param>
    public static PrefixRows Gather(IReadOnlyList<(PrefixRows Source, int Row)> from, int? length = null)
    {
        PrefixRows first = from[0].Source;
        return new PrefixRows(
            first._context,
            PolicyRows.Gather([.. from.Select(pick => (pick.Source.Policy, pick.Row))], first.MaxTokens, length),
            RewardRows.Gather([.. from.Select(pick => (pick.Source.Rewards, pick.Row))], first.MaxTokens, length),
            first._prefixLogProbability,
            length ?? first._scored);
    }

    /// <summary>
    /// Rows that have the next token already: the policy goes on from some rows, and the rewards have read the token in theirs.
    /// </summary>
    /// <param name="policy">Where the policy's part of each comes from.</param>
    /// <param name="rewards">Where each has been read with its next token.</param>
    /// <param name="tokens">The next tokens.</param>
    /// <param name="logProbabilities">Theirs, in nats.</param>
    public static PrefixRows Extend(
        IReadOnlyList<(PrefixRows Source, int Row)> policy, IReadOnlyList<(RewardRows Source, int Row)> rewards, long[] tokens,
        float[] logProbabilities)
    {
        PrefixRows first = policy[0].Source;
        var rows = new PrefixRows(
            first._context,
            PolicyRows.Gather([.. policy.Select(pick => (pick.Source.Policy, pick.Row))], first.MaxTokens),
            RewardRows.Gather(rewards, first.MaxTokens),
            first._prefixLogProbability,
            first.Length + 1);
        rows.Policy.Append(tokens, logProbabilities);
        return rows;
    }

    /// <summary>Whether a row ended by EOS or by the token limit.</summary>
    public bool IsWhole(int row) => Policy.IsFinished(row) || Length >= MaxTokens;

    /// <summary>log pi_ref of a row in nats, its EOS included where it has one.</summary>
    public double LogProbability(int row) => _prefixLogProbability + Policy.LogProbability(row);

    /// <summary>
    /// The energies that the beginnings of the only row would have if they ended there, at evenly spaced places, without their EOS's
    /// probability.
    /// </summary>
    /// <param name="places">How many at most.</param>
    public double[] PrefixEnergies(int places)
    {
        int length = Policy.Content(0).Length;
        int[] cuts = [.. Enumerable.Range(1, places).Select(place => place * length / (places + 1)).Where(cut => cut > 0).Distinct()];
        if (cuts.Length == 0)
        {
            return [];
        }

        RewardRows[] rows = [.. cuts.Select(cut => RewardRows.Gather([(Rewards, 0)], MaxTokens, cut))];
        try
        {
            float[][] rewards = RewardRows.Read(
                _context, [.. rows.Select(own => (own, (IReadOnlyList<int[]>)[Array.Empty<int>()], (IReadOnlyList<bool>)[true], 0))]);
            return [.. cuts.Select((cut, index) =>
                Energy.Of(_prefixLogProbability + Policy.LogProbability(0, cut), rewards[index][0], _context.Task.Method.RewardWeight))];
        }
        finally
        {
            Array.ForEach(rows, own => own.Dispose());
        }
    }

    /// <summary>The row's tokens ending here, by an EOS of a given log-probability.</summary>
    public ScoredResponse Ended(int row, double reward, double endLogProbability) =>
        _context.Scored(Policy.Content(row), ended: true, reward, LogProbability(row) + endLogProbability);

    /// <summary>Reads what has been appended since the last score, and scores every row as if it ended here.</summary>
    public ScoredResponse[] Score() => Score(_context, [this])[0];

    /// <summary>The same of several groups, together.</summary>
    public static ScoredResponse[][] Score(RunContext context, IReadOnlyList<PrefixRows> groups)
    {
        int[][][] contents = [.. groups.Select(group => (int[][])[.. Enumerable.Range(0, group.Rows).Select(group.Policy.Content)])];
        int[][][] unread =
            [.. groups.Select(
                (group, index) => (int[][])[.. contents[index].Select(content => content[Math.Min(content.Length, group._scored)..])])];
        float[][] rewards = RewardRows.Read(context, [.. groups.Select((group, index) => (
            group.Rewards,
            (IReadOnlyList<int[]>)unread[index],
            (IReadOnlyList<bool>)[.. Enumerable.Repeat(true, group.Rows)],
            unread[index].Max(own => own.Length)))]);
        return [.. groups.Select((group, index) =>
        {
            group._scored += unread[index].Max(own => own.Length);
            return (ScoredResponse[])[.. contents[index].Select((content, row) =>
                context.Scored(content, group.Policy.IsFinished(row), rewards[index][row], group.LogProbability(row)))];
        })];
    }

    public void Dispose()
    {
        Policy.Dispose();
        Rewards.Dispose();
    }
}
