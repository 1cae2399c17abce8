using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
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
        int most = ReadingPlan.RowsAfter(
            Math.Max(context.Task.Prompt.Policy.Count, context.Task.Prompt.LongestReward) + states.Rows.Positions);
        if (moves.Count > 0)
        {
            context.Prompt.Announce(() => Moved(states.Rows, moves));
        }

        foreach (int[] group in ReadingPlan.Groups([.. moves.Select(move => FirstRead(states, move))], states.Rows.Positions, most))
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            IChange[] read = [.. group.Select(index => moves[index])];
            int start = read.Min(move => FirstRead(states, move));
            float[] rewards = Rewards(states, read, kept is not null, out RewardRows? rewardRows, out int[] readRows);
            using RewardRows? ownRewards = rewardRows;
            int[] promising =
            [
                .. Enumerable
                    .Range(0, read.Length)
                    .Where(row => Seems(states, read[row], rewards[row]) < energies[read[row].Chain] + Margin),
            ];
            if (promising.Length > 0)
            {
                IChange[] members = [.. promising.Select(row => read[row])];
                HardResponses rows = Moved(states.Rows, members);
                (double Sum, double End, Fluency Fluency)[] logProbabilities =
                    LogProbabilities(states, members, rows, start, out PolicyReadings policy);
                using PolicyReadings ownPolicy = policy;
                for (int row = 0; row < members.Length; row++)
                {
                    if (!MayEnd(states, members[row].Chain, logProbabilities[row].End))
                    {
                        continue;
                    }

                    ScoredResponse response = scored[group[promising[row]]] = ResponseScorer.Combine(
                        rows,
                        row,
                        logProbabilities[row].Sum,
                        logProbabilities[row].Fluency,
                        rewards[promising[row]],
                        parameters.RewardWeight);
                    if (kept?.Wants(response) == true && Array.IndexOf(readRows, promising[row]) is >= 0 and var rewardRow)
                    {
                        kept.Keep(response, policy.Row(row), RewardRows.Gather(
                            [(rewardRows!, rewardRow)], context.Task.MaxResponseTokens, response.Tokens.Count));
                    }
                }
            }
        }

        return scored;
    }

    // Those that the run has read before are known.
    private float[] Rewards(ChainStates states, IChange[] moves, bool keeps, out RewardRows? rows, out int[] readRows)
    {
        HardResponses all = Moved(states.Rows, moves);
        string[] names = [.. Enumerable.Range(0, moves.Length).Select(row => KnownRewards.Name(all.Content(row), suffixed: true))];
        int[] unknown =
            [.. Enumerable.Range(0, moves.Length).Where(row => context.KnownRewards.Of(names[row]) is null).DistinctBy(row => names[row])];
        (rows, readRows) = (null, unknown);
        if (unknown.Length > 0)
        {
            IChange[] read = [.. unknown.Select(row => moves[row])];
            (float[] rewards, rows) = states.Rewards(
                Moved(states.Rows, read), [.. read.Select(move => move.Chain)], read.Min(move => FirstRead(states, move)), keeps);
            foreach ((int row, float reward) in unknown.Zip(rewards))
            {
                context.KnownRewards.Note(names[row], reward);
            }
        }

        return [.. names.Select(name => context.KnownRewards.Of(name)!.Value)];
    }

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

    private (double Sum, double End, Fluency Fluency)[] LogProbabilities(
        ChainStates states, IChange[] moves, HardResponses rows, int start, out PolicyReadings readings)
    {
        TransformerDecoder decoder = context.Models.Policy.Decoder;
        int width = rows.TargetLengths.Max() - start;
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, decoder);
        // [rows, width, hidden]. The state before the first change predicts it.
        int[] chains = [.. moves.Select(move => move.Chain)];
        Tensor hidden = states.HiddenOf(chains).narrow(1, start, 1);
        KeyValueCache prefix = states.PolicyPrefix(chains, start, width - 1);
        float[] read;
        try
        {
            if (width > 1)
            {
                context.Cost.PolicyForward((long)rows.Rows * (width - 1));
                hidden = cat([hidden, decoder.Read([new IdPass(ids.narrow(1, start, width - 1), prefix, width - 1)])[0]], 1);
            }

            read = context.Prompt.Loaded.LogProbabilities(hidden, ids.narrow(1, start, width));
        }
        catch
        {
            prefix.Dispose();
            throw;
        }

        readings = new PolicyReadings(context, states, rows, prefix, start, hidden, read);
        var figures = new (double, double, Fluency)[rows.Rows];
        for (int row = 0; row < rows.Rows; row++)
        {
            int before = moves[row].Chain * rows.Positions;
            ReadOnlySpan<float> own = read.AsSpan(row * width, rows.TargetLengths[row] - start);
            ReadOnlySpan<float> kept = states.LogProbabilities.AsSpan(before, start);
            figures[row] = (Sum(kept) + Sum(own), rows.EndsWithEos(row) ? own[^1] : 0, Fluency.Of([.. kept, .. own]));
        }

        return figures;
    }

    /// <summary>Moved responses of the only chain as the policy has read them. Owns their cache.</summary>
    /// <param name="Context">The run.</param>
    /// <param name="States">The chain.</param>
    /// <param name="Rows">The responses.</param>
    /// <param name="Cache">The cache.</param>
    /// <param name="Start">First position that was read.</param>
    /// <param name="Hidden">The states that predict each position from there on [rows, width, hidden].</param>
    /// <param name="LogProbabilities">Those of the tokens from there on [rows, width], in nats.</param>
    private sealed record PolicyReadings(
        RunContext Context, ChainStates States, HardResponses Rows, KeyValueCache Cache, int Start, Tensor Hidden, float[] LogProbabilities)
        : IDisposable
    {
        /// <summary>A copy of a response.</summary>
        public LoadedPolicyRows Row(int row)
        {
            int width = (int)Hidden.shape[1];
            int length = Rows.TargetLengths[row];
            int read = Math.Min(Rows.ContentLengths[row], Start + width - 1);
            return new LoadedPolicyRows(
                Context,
                (Cache, row),
                read,
                Rows.Tokens[(row * Rows.Positions)..((row * Rows.Positions) + length)],
                [.. States.LogProbabilities.Take(Start), .. LogProbabilities[(row * width)..((row * width) + length - Start)]],
                Hidden.select(0, row).narrow(0, 1, read - Start));
        }

        public void Dispose() => Cache.Dispose();
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }
}
