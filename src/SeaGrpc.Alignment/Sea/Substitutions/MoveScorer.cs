using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// Computes the exact energies of moves. A model reads a moved response only from its first change on; the tokens before are in the chain's
/// caches. The reward model reads every move, the policy only those that may still lower the energy.
/// </summary>
internal sealed class MoveScorer(RunContext context, SeaParameters parameters)
{
    /// <summary>
    /// How far above the chain's energy a move may appear, in nats, and still be read by the policy. The tokens after a change may gain
    /// from it.
    /// </summary>
    private const double Margin = 4;

    /// <summary>Scores moves.</summary>
    /// <param name="states">The current chains.</param>
    /// <param name="energies">The chains' energies, in nats.</param>
    /// <param name="moves">The moves; may be empty.</param>
    /// <param name="kept">Keeps the best of them as it was read; or null. There must be a single chain.</param>
    /// <returns>The scored moves in the order of <paramref name="moves"/>, without those that the policy did not read.</returns>
    public IReadOnlyList<ScoredMove> Score(
        ChainStates states, IReadOnlyList<double> energies, IReadOnlyList<Move> moves, KeptMove? kept = null) =>
        [.. moves.Zip(Read(states, energies, moves, kept))
            .Where(pair => pair.Second is not null)
            .Select(pair => new ScoredMove(pair.First, pair.Second!))];

    /// <summary>Scores changes, which may make a response longer or shorter.</summary>
    /// <param name="states">The current chains.</param>
    /// <param name="energies">The chains' energies, in nats.</param>
    /// <param name="moves">The changes; may be empty.</param>
    /// <param name="kept">Keeps the best of them as it was read; or null. There must be a single chain.</param>
    /// <returns>The result of each change, in order; null if the policy did not read it.</returns>
    public ScoredResponse?[] Read(
        ChainStates states, IReadOnlyList<double> energies, IReadOnlyList<IChange> moves, KeptMove? kept = null)
    {
        var scored = new ScoredResponse?[moves.Count];
        if (moves.Count == 0)
        {
            return scored;
        }

        context.Prompt.Announce(() => Moved(states.Rows, moves));
        foreach (IReadOnlyList<int[]> groups in ReadingPlan.Passes(
            [.. moves.Select(move => (FirstRead(states, move), Length(states, move)))],
            ReadingPlan.GroupCost(context.Models.Policy.Decoder),
            ReadingPlan.RowsAfter(
                Math.Max(context.Task.Prompt.Policy.Count, context.Task.Prompt.LongestReward) + states.Rows.Positions)))
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            int[] indices = [.. groups.SelectMany(group => group)];
            var pass = new Pass(
                [.. indices.Select(index => moves[index])], [.. groups.SelectMany((group, number) => group.Select(_ => number))]);
            float[] rewards = Rewards(states, pass, kept is not null, out MovedRewards rewardRows);
            using MovedRewards ownRewards = rewardRows;
            int[] promising =
            [
                .. Enumerable
                    .Range(0, pass.Moves.Length)
                    .Where(row => Seems(states, pass.Moves[row], rewards[row]) < energies[pass.Moves[row].Chain] + Margin),
            ];
            if (promising.Length == 0)
            {
                continue;
            }

            using var policy = new MovedPolicy(context, states, Groups(states, pass, promising));
            foreach ((int read, int row) in promising.Index())
            {
                (float[] before, float[] after) = policy.LogProbabilities(read);
                (HardResponses rows, int own) = policy.Response(read);
                if (!MayEnd(states, pass.Moves[row].Chain, rows.EndsWithEos(own) ? after[^1] : 0))
                {
                    continue;
                }

                ScoredResponse response = scored[indices[row]] = ResponseScorer.Combine(
                    rows, own, Sum(before) + Sum(after), Fluency.Of([.. before, .. after]), rewards[row], parameters.RewardWeight);
                if (kept?.Wants(response) == true && rewardRows.Row(context, row, response.Tokens.Count) is { } rewardRow)
                {
                    kept.Keep(response, policy.Row(read), rewardRow);
                }
            }
        }

        return scored;
    }

    // Those that the run has read before are known.
    private float[] Rewards(ChainStates states, Pass pass, bool keeps, out MovedRewards rows)
    {
        HardResponses all = Moved(states.Rows, pass.Moves);
        string[] names = [.. Enumerable.Range(0, all.Rows).Select(row => KnownRewards.Name(all.Content(row), suffixed: true))];
        int[] unknown =
            [.. Enumerable.Range(0, all.Rows).Where(row => context.KnownRewards.Of(names[row]) is null).DistinctBy(row => names[row])];
        rows = MovedRewards.None;
        if (unknown.Length > 0)
        {
            (float[] rewards, RewardRows[] read) = states.Rewards(Groups(states, pass, unknown), keeps);
            rows = new MovedRewards(read, unknown);
            foreach ((int row, float reward) in unknown.Zip(rewards))
            {
                context.KnownRewards.Note(names[row], reward);
            }
        }

        return [.. names.Select(name => context.KnownRewards.Of(name)!.Value)];
    }

    // Some rows of a pass, in order, by its groups.
    private MovedRows[] Groups(ChainStates states, Pass pass, IReadOnlyList<int> rows) =>
    [
        .. rows.GroupBy(row => pass.Groups[row], row => pass.Moves[row]).Select(group => new MovedRows(
            Moved(states.Rows, [.. group]), [.. group.Select(move => move.Chain)], group.Min(move => FirstRead(states, move)))),
    ];

    /// <summary>The energy if a move had no effect on the policy's predictions of later tokens.</summary>
    private double Seems(ChainStates states, IChange move, float reward) => parameters.Reference == SeaReference.None
        ? double.NegativeInfinity
        : Energy.Of(
            Sum(states.LogProbabilities.AsSpan(move.Chain * states.Rows.Positions, states.Rows.TargetLengths[move.Chain]))
                + move.LogProbabilityChange,
            reward,
            parameters.RewardWeight);

    // If the end of the response moves, the response is read from the end that the caches contain.
    private static int FirstRead(ChainStates states, IChange move) => Math.Min(move.Start, states.Rows.ContentLengths[move.Chain]);

    // Number of positions that are read of a move's result, counted from the first of the response.
    private int Length(ChainStates states, IChange move)
    {
        long[] applied = move.Applied(states.Rows);
        int end = Array.FindIndex(applied, context.Models.IsEos);
        return end < 0 ? applied.Length : end + 1;
    }

    private HardResponses Moved(HardResponses current, IReadOnlyList<IChange> moves)
    {
        long[][] applied = [.. moves.Select(move => move.Applied(current))];
        int positions = applied.Max(own => own.Length);
        return new HardResponses(
            [.. applied.SelectMany(own => own.Concat(Enumerable.Repeat((long)context.Models.Prompts.EosId, positions - own.Length)))],
            moves.Count,
            context.Models.IsEos);
    }

    // An end that is as likely as the chain's own is no worse than that.
    private bool MayEnd(ChainStates states, int chain, double end) =>
        end >= context.Task.Method.EndFloor
            || end >= End(states.Rows, chain, states.LogProbabilities.AsSpan(chain * states.Rows.Positions));

    /// <summary>log pi_ref of a row's EOS, in nats; 0 where it has none.</summary>
    private static double End(HardResponses rows, int row, ReadOnlySpan<float> logProbabilities) =>
        rows.EndsWithEos(row) ? logProbabilities[rows.TargetLengths[row] - 1] : 0;

    private static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }

    /// <summary>Changes that are read in one pass.</summary>
    /// <param name="Moves">The changes, group by group.</param>
    /// <param name="Groups">The number of the group that each is in.</param>
    private sealed record Pass(IChange[] Moves, int[] Groups);

    /// <summary>Moved responses as the rewards have read them, if they are kept. Owns them.</summary>
    /// <param name="groups">The responses, group by group; none if they are not kept.</param>
    /// <param name="rows">The row of the pass that each is.</param>
    private sealed class MovedRewards(RewardRows[] groups, int[] rows) : IDisposable
    {
        public static readonly MovedRewards None = new([], []);

        /// <summary>A copy of a row of the pass; null if it is not kept.</summary>
        public RewardRows? Row(RunContext context, int row, int tokens)
        {
            int at = Array.IndexOf(rows, row);
            foreach (RewardRows group in at < 0 ? [] : groups)
            {
                if (at < group.Rows)
                {
                    return RewardRows.Gather([(group, at)], context.Task.MaxResponseTokens, tokens);
                }

                at -= group.Rows;
            }

            return null;
        }

        public void Dispose() => Array.ForEach(groups, group => group.Dispose());
    }
}
