namespace SeaGrpc.Alignment.Rewards;

/// <summary>Responses to one prompt as the rewards read them while they grow. Owns what they have read.</summary>
internal sealed class RewardRows : IDisposable
{
    private readonly RunContext _context;
    private readonly IRewardRows[] _parts;

    private RewardRows(RunContext context, IRewardRows[] parts)
    {
        _context = context;
        _parts = parts;
    }

    /// <summary>How many there are.</summary>
    public required int Rows { get; init; }

    /// <summary>Empty responses.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">How many.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    public static RewardRows Start(RunContext context, int rows, int maxTokens) =>
        new(context, [.. context.Prompt.Rewards.Select(reward => reward.State.Grow(rows, maxTokens))]) { Rows = rows };

    /// <summary>Rows that continue from rows of others, all of one length; a row may be taken several times.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    /// <param name="length">Tokens that each keeps, its first ones; null if all have equally many and keep them.</param>
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
    /// Rows that go on from rows of these, which keep what they have, so that it need not be copied. A row may be taken several times.
    /// </summary>
    /// <param name="rows">The row that each goes on from.</param>
    /// <param name="room">Most tokens that each will have beyond those that it goes on from.</param>
    /// <param name="length">Tokens that each goes on from, the first ones; null is all.</param>
    public RewardRows Fan(IReadOnlyList<int> rows, int room, int? length = null) =>
        new(_context, [.. _context.Prompt.Rewards.Select((reward, index) => reward.State.Fan(_parts[index], rows, room, length))])
        {
            Rows = rows.Count,
        };

    /// <summary>Reads every row's next tokens and scores it, of several groups of rows together.</summary>
    /// <param name="context">The run.</param>
    /// <param name="groups">
    /// Each group's rows; new ids of each row, EOS excluded; whether a row is scored as a whole response, at the end of the template's
    /// suffix (its EOS where the template ends with one), or as it stands, at its last token; and how many of the new tokens stay
    /// read: a row that has fewer must not continue, and the suffix never stays.
    /// </param>
    /// <returns>Each group's rewards, summed by their mixture weights.</returns>
    public static float[][] Read(
        RunContext context, IReadOnlyList<(RewardRows Rows, IReadOnlyList<int[]> Tokens, IReadOnlyList<bool> Suffixed, int Advance)> groups)
    {
        float[][] sums = [.. groups.Select(group => new float[group.Tokens.Count])];
        for (int index = 0; index < context.Prompt.Rewards.Count; index++)
        {
            (IRewardState state, double weight) = context.Prompt.Rewards[index];
            float[][] own = state.Read(
                [.. groups.Select(group => new RewardReading(group.Rows._parts[index], group.Tokens, group.Suffixed, group.Advance))]);
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

    /// <summary>Reads tokens that every row continues with, without a score.</summary>
    public void Follow(int[] tokens) => Array.ForEach(_parts, part => part.Follow(tokens));

    public void Dispose() => Array.ForEach(_parts, part => part.Dispose());
}
