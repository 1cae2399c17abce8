using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>
/// An estimate of how the policy's tokens change a reward that reads text, for ranking them.
/// </summary>
/// <remarks>
/// 1. g_j is the gradient at the reward model's input embeddings, and a_tj the share of the characters of the policy's token t that belong
///    to the reward model's token j.
/// 2. Token v at position t adds sum_j a_tj g_j (E[w(v)] - E[w_j]), where w(v) is the reward model's token with the text of v.
/// 3. Tokens without such a counterpart, and the present one, add 0.
/// </remarks>
/// <param name="rewards">[rows].</param>
/// <param name="gradient">sum_j a_tj g_j: [rows * positions, hidden]; taken over.</param>
/// <param name="present">sum_j a_tj g_j E[w_j]: [rows * positions, 1]; taken over.</param>
/// <param name="rows">The answers.</param>
/// <param name="vocabulary">w.</param>
/// <param name="decoder">The decoder that read them.</param>
internal sealed class TextRewardGradient(
    IReadOnlyList<float> rewards, Tensor gradient, Tensor present, HardResponses rows, TextVocabulary vocabulary,
    TransformerDecoder decoder)
    : IRewardGradient
{
    public IReadOnlyList<float> Rewards => rewards;

    /// <summary>Computes it: one forward and one backward pass, to the inputs only.</summary>
    /// <param name="model">The reward model.</param>
    /// <param name="vocabulary">Its tokens that have the texts of the policy's.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="trunk">The frozen cache over the prompt's prefix.</param>
    /// <param name="rows">The answers.</param>
    /// <param name="weight">Factor of the reward.</param>
    /// <param name="smoothing">The noise on the embeddings.</param>
    /// <param name="cost">Counts the passes.</param>
    public static TextRewardGradient At(
        RewardModel model, TextVocabulary vocabulary, TextRewardPrompt prompt, KeyValueCache trunk, HardResponses rows, double weight,
        EmbeddingSmoothing smoothing, CostCounter cost)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = model.Decoder;
        int[] prefix = [.. prompt.Prefix];
        int[][] ids = [.. Enumerable.Range(0, rows.Rows).Select(row => prompt.Read(rows.Content(row), isWhole: true))];
        TextRewardReader.CheckLengths(ids, model);
        int start = ids.Min(own => Math.Min(own.AsSpan().CommonPrefixLength(prefix), own.Length - 1));
        using TextPass pass = TextPass.Reading([.. Enumerable.Range(0, ids.Length)], ids, start, trunk, decoder);
        Tensor embeddings = pass.Embeddings(decoder);
        (float[] rewards, Tensor atInputs) = InputGradient.Of(
            model, pass.Cache, smoothing.Apply(embeddings, decoder), pass.Ends(), cost);
        Tensor own = (atInputs * embeddings).sum(-1, keepdim: true);
        Tensor shares = Shares(model, prompt, rows, ids, start, pass.Width).to(atInputs.dtype).to(atInputs.device);
        return new TextRewardGradient(
            rewards,
            shares.matmul(atInputs).flatten(0, 1).Times(weight).DetachFromDisposeScope(),
            shares.matmul(own).flatten(0, 1).Times(weight).DetachFromDisposeScope(),
            rows,
            vocabulary,
            decoder);
    }

    public void AddTo(Tensor sum, long start, double factor)
    {
        using var scope = NewDisposeScope();
        long count = sum.shape[0];
        long[] counterparts = vocabulary.Counterparts;
        Tensor which = tensor(counterparts.Select(id => Math.Max(id, 0)).ToArray(), device: decoder.Device);
        Tensor isKnown = tensor(counterparts.Select(id => id < 0 ? 0f : 1f).ToArray(), device: decoder.Device);
        // [count, policy's vocabulary]
        Tensor gains = MatrixProducts.Linear(gradient.narrow(0, start, count), decoder.EmbeddingWeight).index_select(1, which)
            .to(ScalarType.Float32);
        gains = (gains - present.narrow(0, start, count).to(ScalarType.Float32)) * isKnown;
        Tensor tokens = tensor(rows.Tokens.AsSpan((int)start, (int)count).ToArray(), device: decoder.Device).unsqueeze(1);
        gains.scatter_(1, tokens, zeros([count, 1], ScalarType.Float32, decoder.Device));
        sum.AddInPlace(gains.to(sum.device), factor);
    }

    public void Dispose()
    {
        gradient.Dispose();
        present.Dispose();
    }

    // [rows, positions, width]
    private static Tensor Shares(RewardModel model, TextRewardPrompt prompt, HardResponses rows, int[][] ids, int start, int width)
    {
        Tensor all = zeros([rows.Rows, rows.Positions, width]);
        for (int row = 0; row < rows.Rows; row++)
        {
            if (rows.ContentLengths[row] > 0)
            {
                TokenSpans whole = TokenSpans.Of(model.Tokenizer, ids[row], keepSpecialTokens: true);
                float[,] shares = prompt.Spans(rows.Content(row)).SharesOf(whole, start);
                all[row].narrow(0, 0, shares.GetLength(0)).narrow(1, 0, shares.GetLength(1)).copy_(tensor(shares));
            }
        }

        return all;
    }
}
