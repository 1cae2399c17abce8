using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment.Search;

/// <summary>Prefixes of equal length, side by side, as read by the policy and the rewards. Owns their caches.</summary>
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

    /// <summary>The same rows as the rewards have read them, without their EOS.</summary>
    public RewardRows Rewards => _rewards;

    /// <summary>The run.</summary>
    public RunContext Context => _context;

    public int Rows => _rewards.Rows;

    /// <summary>Number of tokens in every row.</summary>
    public int Length => Policy.Length;

    /// <summary>Whether every row has ended, also by a stop string, or has all its tokens.</summary>
    public bool IsGrown => Policy.AllFinished || Length >= MaxTokens;

    private int MaxTokens => _context.Task.MaxResponseTokens;

    /// <summary>Rows that both models have read; taken over.</summary>
    /// <param name="rows">As the policy has read them, and as the rewards have, without their EOS.</param>
    public static PrefixRows Of((PolicyRows Policy, RewardRows Rewards) rows) =>
        new(rows.Policy.Context, rows.Policy, rows.Rewards, rows.Policy.Content(0).Length);

    /// <summary>One row with tokens that responses start with. Both models read them once, without scoring.</summary>
    /// <param name="context">The run.</param>
    /// <param name="tokens">Their ids, without EOS; may be empty.</param>
    /// <param name="ended">Whether EOS follows, so that it is a whole response, to continue from its beginnings.</param>
    public static PrefixRows Start(RunContext context, IReadOnlyList<int> tokens, bool ended = false)
    {
        PrefixRows rows = Empty(context);
        try
        {
            if (tokens.Count > 0 || ended)
            {
                rows.Policy.Follow(tokens, ended);
            }

            if (tokens.Count > 0)
            {
                RewardRows.Follow([(rows._rewards, [[.. tokens]])]);
                rows._scored = tokens.Count;
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole response in one pass of each model.</summary>
    /// <param name="context">The run.</param>
    /// <param name="tokens">Its ids, without EOS.</param>
    /// <param name="ended">Whether EOS follows.</param>
    /// <param name="reportsEnergy">Whether its energy is only reported, so that the policy's pass is not charged to the method.</param>
    /// <returns>A single row with the response, and its score.</returns>
    public static (PrefixRows Rows, ScoredResponse Response) Read(
        RunContext context, IReadOnlyList<int> tokens, bool ended, bool reportsEnergy = false) =>
        Read(context, [tokens], ended, reportsEnergy)[0];

    /// <summary>The same for several responses, which are read together.</summary>
    /// <param name="context">The run.</param>
    /// <param name="responses">Ids of each, without EOS; at least one.</param>
    /// <param name="ended">Whether EOS follows.</param>
    /// <param name="reportsEnergy">Whether their energies are only reported, so that the policy's passes are not charged.</param>
    /// <returns>For each, a single row with the response, and its score.</returns>
    public static (PrefixRows Rows, ScoredResponse Response)[] Read(
        RunContext context, IReadOnlyList<IReadOnlyList<int>> responses, bool ended, bool reportsEnergy = false)
    {
        List<PrefixRows> rows = [];
        try
        {
            rows.AddRange(responses.Select(_ => Empty(context)));
            using (reportsEnergy ? context.Cost.Pause() : null)
            {
                PolicyRows.Follow([.. rows.Zip(responses, (row, tokens) => (row.Policy, tokens, ended))]);
            }

            return [.. rows.Zip(Score(context, rows), (row, scored) => (row, scored[0]))];
        }
        catch
        {
            rows.ForEach(row => row.Dispose());
            throw;
        }
    }

    /// <summary>Rows that continue from rows of others. A row may be used several times.</summary>
    /// <param name="from">The source of each row.</param>
    /// <param name="length">
    /// Number of first tokens that each row keeps, without EOS; null if all rows are equally long and keep all tokens.
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
    /// Rows that continue from rows of these, which keep their caches so that nothing is copied. A row may be used several times.
    /// </summary>
    /// <param name="rows">The row that each continues from.</param>
    /// <param name="room">Maximum number of additional tokens of each row.</param>
    public PrefixRows Fan(IReadOnlyList<int> rows, int room) =>
        new(_context, Policy.Fan(rows, Math.Min(room, MaxTokens - Length)), FanRewards(rows, room), _scored);

    /// <summary>A single row with a response that a row begins with; null if a stop string has left other tokens of it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="response">Ids of the response, without EOS.</param>
    public PrefixRows? Beginning(int row, IReadOnlyList<int> response) =>
        Policy.Content(row).Take(response.Count).SequenceEqual(response) ? Gather([(this, row)], response.Count) : null;

    /// <summary>Rows of the rewards only, which continue from rows of these.</summary>
    /// <param name="rows">The row that each continues from.</param>
    /// <param name="room">Maximum number of additional tokens of each row.</param>
    public RewardRows FanRewards(IReadOnlyList<int> rows, int room) =>
        _rewards.Fan(rows, Math.Min(room, MaxTokens - Length) + Length - _scored);

    /// <summary>A row's response with a next token, scored.</summary>
    /// <param name="token">The token.</param>
    /// <param name="reward">The reward of the response with that token.</param>
    public ScoredResponse Extended(NextToken token, double reward) => _context.Scored(
        token.IsEnd ? Policy.Content(token.Beam) : [.. Policy.Content(token.Beam), (int)token.Id],
        token.IsEnd,
        reward,
        Policy.LogProbability(token.Beam) + token.LogProbability,
        Fluency.Of(LogProbabilities(token)));

    /// <summary>log pi_ref of the tokens of a row with a next token, in nats.</summary>
    public float[] LogProbabilities(NextToken token) => [.. Policy.LogProbabilities(token.Beam), token.LogProbability];

    /// <summary>Rows with their next tokens. The rewards have read these tokens; the policy has not.</summary>
    /// <param name="next">The tokens.</param>
    /// <param name="rewards">The rewards' rows for them, in the same order; taken over.</param>
    /// <param name="keepsBeams">Whether these beams are still needed.</param>
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

    /// <summary>Draws more of every row, as much as the policy draws in a turn. Some of the rows have not ended.</summary>
    /// <param name="topK">Number of likeliest tokens to draw from; 0 for all.</param>
    public void Draw(int topK) => Draw(_context.Prompt.Policy.Ahead([Policy])[0], topK);

    /// <summary>The same, where what the policy tells ahead of it is known.</summary>
    public void Draw(BeamOutlook? next, int topK) => _context.Prompt.Policy.Draw([(Policy, next)], MaxTokens - Length, topK);

    /// <summary>Whether a row ended by EOS or by the token limit.</summary>
    public bool IsWhole(int row) => Policy.IsFinished(row) || Length >= MaxTokens;

    /// <summary>
    /// The numbers of tokens, rewards and energies that the beginnings of the only row would have if they ended there, at evenly spaced
    /// places, without their EOS's probability. The shortest comes first.
    /// </summary>
    /// <param name="places">How many at most.</param>
    /// <param name="raw">Whether the reward reads them at their last tokens instead.</param>
    public (int Tokens, double Reward, double Energy)[] Beginnings(int places, bool raw = false)
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
            foreach ((int cut, float[] own) in cuts.Zip(rewards))
            {
                _context.KnownRewards.Note(KnownRewards.Name(content.AsSpan(0, cut), !raw), own[0]);
            }

            return [.. cuts.Select((cut, index) => (
                cut,
                (double)rewards[index][0],
                Energy.Of(Policy.LogProbability(0, cut), rewards[index][0], _context.Task.Method.RewardWeight)))];
        }
        finally
        {
            Array.ForEach(rows, own => own.Dispose());
        }
    }

    /// <summary>A row's response if it ended here, given the log-probability of EOS.</summary>
    public ScoredResponse Ended(int row, double reward, float endLogProbability) => _context.Scored(
        Policy.Content(row),
        ended: true,
        reward,
        Policy.LogProbability(row) + endLogProbability,
        Fluency.Of([.. Policy.LogProbabilities(row), endLogProbability]));

    /// <summary>
    /// Reads the tokens appended since the last score, and scores every row as if it ended here. A row in which a stop string occurs is
    /// scored as the response that ends before it.
    /// </summary>
    public ScoredResponse[] Score() => Score(_context, [this])[0];

    /// <summary>The same for several groups together.</summary>
    /// <param name="context">The run.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="raw">Whether incomplete rows are scored at their last token instead.</param>
    public static ScoredResponse[][] Score(RunContext context, IReadOnlyList<PrefixRows> groups, bool raw = false)
    {
        int[][][] contents = [.. groups.Select(group => (int[][])[.. Enumerable.Range(0, group.Rows).Select(group.Policy.Content)])];
        int[][][] unread =
            [.. groups.Select(
                (group, index) => (int[][])[.. contents[index].Select(content => content[Math.Min(content.Length, group._scored)..])])];
        bool[][] suffixed =
            [.. groups.Select(group => (bool[])[.. Enumerable.Range(0, group.Rows).Select(row => !raw || group.IsWhole(row))])];
        float[][] rewards = RewardRows.Read(context, [.. groups.Select((group, index) => (
            group._rewards,
            (IReadOnlyList<int[]>)unread[index],
            (IReadOnlyList<bool>)suffixed[index],
            unread[index].Max(own => own.Length)))]);
        foreach ((int index, float[] own) in rewards.Index())
        {
            foreach ((int row, float reward) in own.Index())
            {
                context.KnownRewards.Note(KnownRewards.Name(contents[index][row], suffixed[index][row]), reward);
            }
        }

        return [.. groups.Select((group, index) =>
        {
            group._scored += unread[index].Max(own => own.Length);
            return (ScoredResponse[])
            [
                .. context.Stopped(
                    [
                        .. contents[index].Select((content, row) => context.Scored(
                            content,
                            group.Policy.IsFinished(row),
                            rewards[index][row],
                            group.Policy.LogProbability(row),
                            Fluency.Of(group.Policy.LogProbabilities(row)))),
                    ],
                    group.Policy.LogProbabilities),
            ];
        })];
    }

    public void Dispose()
    {
        _policy?.Dispose();
        _rewards.Dispose();
    }

    private static PrefixRows Empty(RunContext context) => new(
        context,
        context.Prompt.Policy.Start(context, 1, context.Task.MaxResponseTokens, []),
        RewardRows.Start(context, 1, context.Task.MaxResponseTokens),
        scored: 0);
}
