using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>One row's figures.</summary>
/// <param name="Response">The hard response and its energy.</param>
/// <param name="KlPerToken">KL(softmax(Y/tau) || pi_ref) at each active position, in nats, or null where no logits were given.</param>
internal sealed record ScoredRow(ScoredResponse Response, float[]? KlPerToken);

/// <summary>Evaluates hard responses under both models without gradients: the energy's exact value.</summary>
internal sealed class ResponseScorer(AlignmentModels models, CostCounter cost)
{
    /// <summary>Scores rows that share a prompt.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="logits">The chains' logits Y [rows, positions, vocabulary], for the KL; or null.</param>
    /// <param name="temperature">tau of the softmax over Y.</param>
    /// <exception cref="NumericFailureException">A reward or a log-probability is not finite.</exception>
    public IReadOnlyList<ScoredRow> Score(PromptState prompt, HardResponses rows, double rewardWeight, Tensor? logits = null, double temperature = 1)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (float[] logProbabilities, float[]? divergences) = PolicyFigures(prompt, rows, logits, temperature);
        float[] rewards = RewardFigures(prompt, rows);
        var results = new ScoredRow[rows.Rows];
        for (int row = 0; row < rows.Rows; row++)
        {
            ReadOnlySpan<float> own = logProbabilities.AsSpan(row * rows.Positions, rows.TargetLengths[row]);
            double logProbability = 0;
            foreach (float value in own)
            {
                logProbability += value;
            }

            results[row] = new ScoredRow(
                Combine(rows, row, logProbability, rewards[row], rewardWeight),
                divergences?.AsSpan(row * rows.Positions, rows.TargetLengths[row]).ToArray());
        }

        return results;
    }

    /// <summary>A row's response with its energy.</summary>
    /// <exception cref="NumericFailureException">The energy is not finite.</exception>
    internal static ScoredResponse Combine(HardResponses rows, int row, double logProbability, double reward, double rewardWeight)
    {
        double energy = Energy.Of(logProbability, reward, rewardWeight);
        return double.IsFinite(energy)
            ? new ScoredResponse(rows.Content(row), rows.EndsWithEos(row), reward, logProbability, energy)
            : throw new NumericFailureException(
                $"The energy of row {row} is not finite (log-probability {logProbability}, reward {reward}): " +
                "use float32, a smaller step size or a smaller reward weight.");
    }

    /// <summary>log pi_ref of tokens in nats.</summary>
    /// <param name="hidden">The policy's hidden states that predict them [rows, positions, hidden].</param>
    /// <param name="targets">The tokens [rows, positions].</param>
    /// <returns>[rows, positions], row by row.</returns>
    internal float[] LogProbabilities(Tensor hidden, Tensor targets)
    {
        Tensor states = hidden.flatten(0, 1);
        Tensor ids = targets.reshape(-1, 1);
        List<Tensor> own = [];
        foreach ((long start, long count) in PositionChunks.Of(states.shape[0], models.Policy.Decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor logits = models.Policy.Decoder.Logits(states.narrow(0, start, count)).to(ScalarType.Float32);
            own.Add((logits.gather(1, ids.narrow(0, start, count)) - logits.logsumexp(-1, keepdim: true)).flatten().MoveToOuterDisposeScope());
        }

        return cat(own).cpu().data<float>().ToArray();
    }

    /// <summary>The policy's hidden states that predict each response position.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="embeddings">Embeddings of all positions but the last [rows, positions - 1, hidden].</param>
    /// <returns>[rows, positions, hidden].</returns>
    internal Tensor PolicyHidden(PromptState prompt, Tensor embeddings)
    {
        long rows = embeddings.shape[0];
        Tensor first = prompt.PolicyLast.expand(rows, -1, -1);
        if (embeddings.shape[1] == 0)
        {
            return first;
        }

        cost.PolicyForward(rows * embeddings.shape[1]);
        return cat([first, models.Policy.Decoder.Forward(embeddings, prompt.PolicyCache)], 1);
    }

    /// <summary>The rewards of rows.</summary>
    /// <param name="prompt">The prompt's state.</param>
    /// <param name="embeddings">Embeddings of the response and the suffix [rows, width, hidden].</param>
    /// <param name="ends">Index of each row's last suffix token.</param>
    /// <returns>r(x,y) [rows], in fp32.</returns>
    internal Tensor Rewards(PromptState prompt, Tensor embeddings, long[] ends) => Rewards(prompt.RewardCache, embeddings, ends);

    /// <summary>The same after any cached prefix.</summary>
    internal Tensor Rewards(KeyValueCache prefix, Tensor embeddings, long[] ends)
    {
        long rows = embeddings.shape[0];
        long width = embeddings.shape[1];
        cost.RewardForward(rows * width);
        Tensor hidden = models.Reward.Decoder.Forward(embeddings, prefix);
        Tensor at = tensor(ends.Select((end, row) => row * width + end).ToArray(), device: embeddings.device);
        Tensor last = hidden.reshape(rows * width, hidden.shape[2]).index_select(0, at);
        return models.Reward.Head.Rewards(last);
    }

    internal static Tensor Ids(long[] ids, int rows, TransformerDecoder decoder) =>
        tensor(ids, device: decoder.Device).view(rows, ids.Length / rows);

    private (float[] LogProbabilities, float[]? Divergences) PolicyFigures(PromptState prompt, HardResponses rows, Tensor? logits, double temperature)
    {
        TransformerDecoder decoder = models.Policy.Decoder;
        Tensor ids = Ids(rows.Tokens, rows.Rows, decoder);
        Tensor hidden = PolicyHidden(prompt, decoder.Embed(ids.narrow(1, 0, rows.Positions - 1))).flatten(0, 1);
        Tensor targets = ids.reshape(-1, 1);
        List<Tensor> own = [];
        List<Tensor> kl = [];
        foreach ((long start, long count) in PositionChunks.Of(hidden.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor logProbabilities = nn.functional.log_softmax(decoder.Logits(hidden.narrow(0, start, count)).to(ScalarType.Float32), -1);
            own.Add(logProbabilities.gather(1, targets.narrow(0, start, count)).flatten().MoveToOuterDisposeScope());
            if (logits is not null)
            {
                Tensor scaled = nn.functional.log_softmax(logits.view(-1, logits.shape[2]).narrow(0, start, count).DividedBy(temperature), -1);
                // exp(-inf) (-inf - log p) is 0 by convention: a masked token carries no mass.
                Tensor terms = scaled.exp() * (scaled - logProbabilities).FilledWhere(scaled.isneginf(), 0);
                kl.Add(terms.sum(-1).MoveToOuterDisposeScope());
            }
        }

        return (cat(own).cpu().data<float>().ToArray(), logits is null ? null : cat(kl).cpu().data<float>().ToArray());
    }

    private float[] RewardFigures(PromptState prompt, HardResponses rows)
    {
        TransformerDecoder decoder = models.Reward.Decoder;
        (long[] ids, _, long[] ends) = rows.RewardInputs(prompt.Prompt.RewardSuffix);
        return Rewards(prompt, decoder.Embed(Ids(ids, rows.Rows, decoder)), ends).cpu().data<float>().ToArray();
    }
}
