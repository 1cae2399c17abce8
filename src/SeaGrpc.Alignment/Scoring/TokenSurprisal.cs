using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>Surprisal of each token of a response under the reference policy.</summary>
internal static class TokenSurprisal
{
    /// <summary>-log pi_ref(y_t | x, y before t) per token, in nats.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids of the response, including EOS if it has one; at least one.</param>
    public static float[] Of(AlignmentModels models, EncodedPrompt prompt, IReadOnlyList<int> response)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var cost = new CostCounter();
        // No reward is read.
        using PromptState state = PromptState.Prefill(models, prompt, cost, new double[models.Rewards.Count]);
        var decoder = models.Policy.Decoder;
        Tensor ids = tensor(response.Select(id => (long)id).ToArray(), device: decoder.Device).unsqueeze(0);
        Tensor hidden = new ResponseScorer(models, cost)
            .PolicyHidden(state, decoder.Embed(ids.narrow(1, 0, ids.shape[1] - 1)))
            .flatten(0, 1);
        Tensor targets = ids.reshape(-1, 1);
        List<float> surprisal = [];
        foreach ((long start, long count) in PositionChunks.Of(hidden.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor logProbabilities = nn.functional.log_softmax(decoder.Logits(hidden.narrow(0, start, count)).to(ScalarType.Float32), -1);
            surprisal.AddRange(logProbabilities.gather(1, targets.narrow(0, start, count)).flatten().neg().cpu().data<float>().ToArray());
        }

        return [.. surprisal];
    }
}
