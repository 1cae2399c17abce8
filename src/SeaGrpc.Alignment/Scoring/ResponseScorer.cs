using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>The scores of one row.</summary>
/// <param name="Response">The hard response and its energy.</param>
/// <param name="KlPerToken">KL(softmax(Y/tau) || pi_ref) at each active position, in nats, or null if no logits were given.</param>
internal sealed record ScoredRow(ScoredResponse Response, float[]? KlPerToken);

/// <summary>Scores hard responses with all models, without gradients: the exact energy.</summary>
internal sealed class ResponseScorer(AlignmentModels models, CostCounter cost)
{
    /// <summary>Maximum number of token positions that are scored together, which bounds memory.</summary>
    private const int GroupPositions = 8192;

    /// <summary>Number of responses of a length that are scored together.</summary>
    public static int GroupRows(long positions) => (int)Math.Max(1, GroupPositions / positions);

    /// <summary>Scores rows that have the same prompt. Many rows are scored in groups.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="logits">The chains' logits Y [rows, positions, vocabulary], for the KL; or null.</param>
    /// <param name="temperature">tau of the softmax over Y.</param>
    /// <exception cref="NumericFailureException">A reward or a log-probability is not finite.</exception>
    public IReadOnlyList<ScoredRow> Score(
        PromptState prompt, HardResponses rows, double rewardWeight, Tensor? logits = null, double temperature = 1)
    {
        if (models.Engine is { } engine)
        {
            using EngineReadings told = new EngineCalls(models, engine).Read(prompt.Prompt, rows, cost);
            return ScoreElsewhere(prompt, rows, rewardWeight, told);
        }

        prompt.Announce(() => rows);
        int group = GroupRows(rows.Positions);
        if (logits is null && rows.Rows > group)
        {
            return [.. Enumerable.Range(0, rows.Rows).Chunk(group)
                .SelectMany(some => Score(prompt, rows.Select(some, models.IsEos), rewardWeight))];
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (float[] logProbabilities, float[]? divergences) =
            Figures(prompt, PolicyHidden(prompt, rows).flatten(0, 1), rows, logits, temperature);
        float[] rewards = prompt.Sum(rows.Rows, prompt.Rewards, reward => reward.State.Rewards(rows));
        return Combine(rows, logProbabilities, divergences, rewards, rewardWeight);
    }

    /// <summary>Scores rows that a policy elsewhere has been asked about. The rewards compute while it does.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="told">The policy's figures to come.</param>
    /// <exception cref="NumericFailureException">A reward or a log-probability is not finite.</exception>
    public IReadOnlyList<ScoredRow> ScoreElsewhere(PromptState prompt, HardResponses rows, double rewardWeight, EngineReadings told)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        prompt.Announce(() => rows);
        int group = GroupRows(rows.Positions);
        float[] Rewards(HardResponses own) => prompt.Sum(own.Rows, prompt.Rewards, reward => reward.State.Rewards(own));
        float[] rewards = rows.Rows <= group
            ? Rewards(rows)
            : [.. Enumerable.Range(0, rows.Rows).Chunk(group).SelectMany(some => Rewards(rows.Select(some, models.IsEos)))];
        return Combine(rows, told.Take(rows), divergences: null, rewards, rewardWeight);
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

    /// <summary>The policy's hidden states that predict each response position.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="embeddings">Embeddings of all positions but the last [rows, positions - 1, hidden].</param>
    /// <returns>[rows, positions, hidden].</returns>
    internal Tensor PolicyHidden(PromptState prompt, Tensor embeddings)
    {
        if (embeddings.shape[1] > 0)
        {
            cost.PolicyForward(embeddings.shape[0] * embeddings.shape[1]);
        }

        return prompt.Policy.Hidden(embeddings);
    }

    /// <summary>The policy's hidden states that predict each response position of rows: [rows, positions, hidden].</summary>
    internal Tensor PolicyHidden(PromptState prompt, HardResponses rows)
    {
        if (rows.Positions > 1)
        {
            cost.PolicyForward((long)rows.Rows * (rows.Positions - 1));
        }

        return prompt.Policy.HiddenOf(Ids(rows.Tokens, rows.Rows, models.Policy.Decoder).narrow(1, 0, rows.Positions - 1));
    }

    /// <summary>log pi_ref of the rows' tokens, and their divergence from Y if it is given.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="hidden">The policy's hidden states that predict each position [rows * positions, hidden].</param>
    /// <param name="rows">The rows.</param>
    /// <param name="logits">Y [rows, positions, vocabulary], or null.</param>
    /// <param name="temperature">tau of the softmax over Y.</param>
    /// <returns>In nats, both [rows, positions].</returns>
    internal (float[] LogProbabilities, float[]? Divergences) Figures(
        PromptState prompt, Tensor hidden, HardResponses rows, Tensor? logits, double temperature)
    {
        TransformerDecoder decoder = models.Policy.Decoder;
        Tensor targets = Ids(rows.Tokens, rows.Rows, decoder).reshape(-1, 1);
        List<Tensor> own = [];
        List<Tensor> kl = [];
        foreach ((long start, long count) in PositionChunks.ForProducts(hidden.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor scores = prompt.Policy.Logits(hidden.narrow(0, start, count));
            foreach ((long first, long size) in PositionChunks.InCache(count, decoder.Config.VocabularySize))
            {
                using var piece = NewDisposeScope();
                Tensor logProbabilities = nn.functional.log_softmax(scores.narrow(0, first, size), -1);
                own.Add(
                    logProbabilities.gather(1, targets.narrow(0, start + first, size))
                        .flatten()
                        .MoveToOuterDisposeScope()
                        .MoveToOuterDisposeScope());
                if (logits is not null)
                {
                    kl.Add(
                        TokenDivergence.Of(logits, temperature, logProbabilities, start + first)
                            .MoveToOuterDisposeScope()
                            .MoveToOuterDisposeScope());
                }
            }
        }

        return (cat(own).cpu().data<float>().ToArray(), logits is null ? null : cat(kl).cpu().data<float>().ToArray());
    }

    internal static Tensor Ids(long[] ids, int rows, TransformerDecoder decoder) =>
        tensor(ids, device: decoder.Device).view(rows, ids.Length / rows);
}
