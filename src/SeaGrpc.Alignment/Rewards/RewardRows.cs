namespace SeaGrpc.Alignment.Rewards;

/// <summary>Growing responses to one prompt as the rewards read them. Owns the rewards' caches.</summary>
internal sealed class RewardRows : IDisposable
{
    private readonly RunContext _context;
    private readonly IRewardRows[] _parts;

    private RewardRows(RunContext context, IRewardRows[] parts)
    {
        _context = context;
        _parts = parts;
    }

    /// <summary>Number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The same as each reward reads them, in the prompt's order.</summary>
    public IReadOnlyList<IRewardRows> Parts => _parts;

    /// <summary>Rows that have been read; taken over.</summary>
    /// <param name="context">The run.</param>
    /// <param name="parts">The same rows as each reward has read them, in the prompt's order.</param>
    /// <param name="rows">Number of rows.</param>
    public static RewardRows Of(RunContext context, IRewardRows[] parts, int rows) => new(context, parts) { Rows = rows };

    /// <summary>A single row with an answer that has been read to be moved.</summary>
    /// <param name="context">The run.</param>
    /// <param name="chains">The only chain of each reward, in the prompt's order.</param>
    /// <param name="answer">Its ids, without EOS.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    public static RewardRows Of(RunContext context, IReadOnlyList<IRewardChains> chains, IReadOnlyList<int> answer, int maxTokens) =>
        new(context, [.. context.Prompt.Rewards.Select((reward, index) => reward.State.Grow(chains[index], answer, maxTokens))])
        {
            Rows = 1,
        };

    /// <summary>Empty responses.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    public static RewardRows Start(RunContext context, int rows, int maxTokens) =>
        new(context, [.. context.Prompt.Rewards.Select(reward => reward.State.Grow(rows, maxTokens))]) { Rows = rows };

    /// <summary>Rows that continue rows of others, all equally long. A row may be used several times.</summary>
    /// <param name="from">The source of each row.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="length">Number of first tokens that each keeps; null if all are equally long and keep all tokens.</param>
    public static RewardRows Gather(IReadOnlyList<(RewardRows Source, int Row)> from, int maxTokens, int? length = null)
    {
        RunContext context = from[0].Source._context;
        return new RewardRows(
            context,
            [.. context.Prompt.Rewards.Select((reward, index) =>
                reward.State.Gather([.. from.Select(pick => (pick.Source._parts[index], pick.Row))], maxTokens, length))])
        {
            Rows = from.Count,
        };
    }

    /// <summary>
    /// Rows that continue rows of these, which keep their caches so that nothing is copied. A row may be used several times.
    /// </summary>
    /// <param name="rows">The row that each continues.</param>
    /// <param name="room">Maximum number of additional tokens of each row.</param>
    /// <param name="length">Number of first tokens that each continues; null for all.</param>
    public RewardRows Fan(IReadOnlyList<int> rows, int room, int? length = null) =>
        new(_context, [.. _context.Prompt.Rewards.Select((reward, index) => reward.State.Fan(_parts[index], rows, room, length))])
        {
            Rows = rows.Count,
        };

    /// <summary>Reads every row's next tokens and scores the rows, for several groups of rows together.</summary>
    /// <param name="context">The run.</param>
    /// <param name="groups">
    /// For each group: its rows; new ids of each row, without EOS; whether each row is scored as a whole response, at the end of the
    /// template's suffix (its EOS if the template ends with one), or at its last token; and how many of the new tokens stay read. A row
    /// with fewer must not continue, and the suffix never stays.
    /// </param>
    /// <returns>The rewards of each group, summed by their mixture weights.</returns>
    public static float[][] Read(
        RunContext context, IReadOnlyList<(RewardRows Rows, IReadOnlyList<int[]> Tokens, IReadOnlyList<bool> Suffixed, int Advance)> groups)
    {
        float[][] sums = [.. groups.Select(group => new float[group.Tokens.Count])];
        RewardReading[][] readings =
        [
            .. context.Prompt.Rewards.Select((_, index) => groups.Select(
                group => new RewardReading(group.Rows._parts[index], group.Tokens, group.Suffixed, group.Advance)).ToArray()),
        ];
        foreach ((int index, (IRewardState state, _)) in context.Prompt.Rewards.Index())
        {
            state.Announce(readings[index]);
        }

        float[][][] scores = context.Prompt.ReadAll(index => context.Prompt.Rewards[index].State.Read(readings[index]));
        foreach ((int index, float[][] own) in scores.Index())
        {
            double weight = context.Prompt.Rewards[index].Weight;
            for (int group = 0; group < sums.Length; group++)
            {
                for (int row = 0; row < sums[group].Length; row++)
                {
                    sums[group][row] += (float)(weight * own[group][row]);
                }
            }
        }

        return sums;
    }

    /// <summary>Reads the tokens that the rows of several groups continue with, without scoring.</summary>
    /// <param name="groups">For each group: its rows, and new ids of each row, without EOS, equally many.</param>
    public static void Follow(IReadOnlyList<(RewardRows Rows, IReadOnlyList<int[]> Tokens)> groups)
    {
        foreach ((int index, (IRewardState state, _)) in groups[0].Rows._context.Prompt.Rewards.Index())
        {
            state.Follow([.. groups.Select(group => (group.Rows._parts[index], group.Tokens))]);
        }
    }

    public void Dispose() => Array.ForEach(_parts, part => part.Dispose());
}
