using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>A loaded policy's passes over whole responses, without gradients, which are charged to a run.</summary>
/// <param name="policy">The policy after the prompt.</param>
/// <param name="cost">Counts the passes.</param>
internal sealed class PolicyPasses(PolicyReading policy, CostCounter cost)
{
    /// <summary>The policy after the prompt.</summary>
    public PolicyReading Policy => policy;

    /// <summary>The hidden states that predict each response position.</summary>
    /// <param name="embeddings">Embeddings of all positions but the last [rows, positions - 1, hidden].</param>
    /// <returns>[rows, positions, hidden].</returns>
    public Tensor Hidden(Tensor embeddings)
    {
        if (embeddings.shape[1] > 0)
        {
            cost.PolicyForward(embeddings.shape[0] * embeddings.shape[1]);
        }

        return policy.Hidden(embeddings);
    }

    /// <summary>The hidden states that predict each response position of rows: [rows, positions, hidden].</summary>
    public Tensor Hidden(HardResponses rows)
    {
        if (rows.Positions > 1)
        {
            cost.PolicyForward((long)rows.Rows * (rows.Positions - 1));
        }

        return policy.HiddenOf(
            ResponseScorer.Ids(rows.Tokens, rows.Rows, policy.Decoder).narrow(1, 0, rows.Positions - 1), rows.PredictingLengths());
    }

    /// <summary>log pi_ref of the rows' tokens, and their divergence from Y if it is given.</summary>
    /// <param name="hidden">The hidden states that predict each position [rows * positions, hidden].</param>
    /// <param name="rows">The rows.</param>
    /// <param name="logits">Y [rows, positions, vocabulary], or null.</param>
    /// <param name="temperature">tau of the softmax over Y.</param>
    /// <returns>In nats, both [rows, positions].</returns>
    public (float[] LogProbabilities, float[]? Divergences) Figures(
        Tensor hidden, HardResponses rows, Tensor? logits = null, double temperature = 1)
    {
        TransformerDecoder decoder = policy.Decoder;
        Tensor targets = ResponseScorer.Ids(rows.Tokens, rows.Rows, decoder).reshape(-1, 1);
        List<Tensor> own = [];
        List<Tensor> kl = [];
        foreach ((long start, long count) in PositionChunks.ForProducts(hidden.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor scores = policy.Logits(hidden.narrow(0, start, count));
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
}
