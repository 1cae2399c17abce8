using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>The scores of one row.</summary>
/// <param name="Response">The hard response and its energy.</param>
/// <param name="KlPerToken">KL(softmax(Y/tau) || pi_ref) at each active position, in nats, or null if no logits were given.</param>
internal sealed record ScoredRow(ScoredResponse Response, float[]? KlPerToken);

/// <summary>Scores hard responses with all models, without gradients: the exact energy.</summary>
internal sealed class ResponseScorer(AlignmentModels models)
{
    /// <summary>Maximum number of token positions that are scored together, which bounds memory.</summary>
    private const int GroupPositions = 8192;

    /// <summary>Number of responses of a length that are scored together.</summary>
    public static int GroupRows(long positions) => (int)Math.Max(1, GroupPositions / positions);

    /// <summary>
    /// Scores rows that have the same prompt. Many rows are scored in groups. The rewards compute while a policy elsewhere reads.
    /// </summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="asked">The policy's figures of these rows, if it has been asked for them; it stays the caller's.</param>
    /// <exception cref="NumericFailureException">A reward or a log-probability is not finite.</exception>
    public IReadOnlyList<ScoredRow> Score(
        PromptState prompt, HardResponses rows, double rewardWeight, IRowReading? asked = null)
    {
        using IRowReading? own = asked is null ? prompt.Policy.Ask(rows) : null;
        IRowReading policy = asked ?? own!;
        prompt.Announce(() => rows);
        int group = GroupRows(rows.Positions);
        HardResponses[] parts = rows.Rows <= group
            ? [rows]
            : [.. Enumerable.Range(0, rows.Rows).Chunk(group).Select(some => rows.Select(some, models.IsEos))];
        List<float> rewards = [];
        foreach (HardResponses part in parts)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            policy.Read(part);
            rewards.AddRange(prompt.Sum(part.Rows, prompt.Rewards, reward => reward.State.Rewards(part)));
        }

        return Combine(rows, policy.Take(), divergences: null, rewards, rewardWeight);
    }

    /// <summary>Combines the scores of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="logProbabilities">log pi_ref of every token, in nats [rows, positions].</param>
    /// <param name="divergences">KL at every position [rows, positions], or null.</param>
    /// <param name="rewards">[rows].</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <exception cref="NumericFailureException">An energy is not finite.</exception>
    internal static IReadOnlyList<ScoredRow> Combine(
        HardResponses rows, float[] logProbabilities, float[]? divergences, IReadOnlyList<float> rewards, double rewardWeight)
    {
        var results = new ScoredRow[rows.Rows];
        for (int row = 0; row < rows.Rows; row++)
        {
            double logProbability = 0;
            ReadOnlySpan<float> own = logProbabilities.AsSpan(row * rows.Positions, rows.TargetLengths[row]);
            foreach (float value in own)
            {
                logProbability += value;
            }

            results[row] = new ScoredRow(
                Combine(rows, row, logProbability, Fluency.Of(own), rewards[row], rewardWeight),
                divergences?.AsSpan(row * rows.Positions, rows.TargetLengths[row]).ToArray());
        }

        return results;
    }

    /// <summary>A row's response with its energy.</summary>
    /// <exception cref="NumericFailureException">The energy is not finite.</exception>
    internal static ScoredResponse Combine(
        HardResponses rows, int row, double logProbability, Fluency fluency, double reward, double rewardWeight)
    {
        double energy = Energy.Of(logProbability, reward, rewardWeight);
        return double.IsFinite(energy)
            ? new ScoredResponse(rows.Content(row), rows.EndsWithEos(row), reward, logProbability, energy) { Fluency = fluency }
            : throw new NumericFailureException(
                $"The energy of row {row} is not finite (log-probability {logProbability}, reward {reward}): " +
                "use float32, a smaller step size or a smaller reward weight.");
    }

    internal static Tensor Ids(long[] ids, int rows, TransformerDecoder decoder) =>
        tensor(ids, device: decoder.Device).view(rows, ids.Length / rows);
}
