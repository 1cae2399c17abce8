using SeaGrpc.Alignment.Policies;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>What the reference policy says of each token of a response.</summary>
internal static class TokenReading
{
    /// <summary>Reads a response after a prompt that nothing has read. No reward reads it.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids of the response, including EOS if it has one; at least one.</param>
    public static ReadTokens Of(AlignmentModels models, EncodedPrompt prompt, IReadOnlyList<int> response)
    {
        var cost = new CostCounter();
        using PromptState state = PromptState.Prefill(models, prompt, cost, new double[models.Rewards.Count]);
        return Of(models, state, response, alternatives: 0, temperature: 1, cost);
    }

    /// <summary>Reads a response.</summary>
    /// <param name="models">The models.</param>
    /// <param name="state">The prompt.</param>
    /// <param name="response">Ids of the response, including EOS if it has one; at least one.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position; at least 0.</param>
    /// <param name="temperature">Temperature of pi_ref; above 0.</param>
    /// <param name="cost">Counts the pass.</param>
    public static ReadTokens Of(
        AlignmentModels models, PromptState state, IReadOnlyList<int> response, int alternatives, double temperature, CostCounter cost)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var decoder = models.Policy.Decoder;
        Tensor ids = tensor(response.Select(id => (long)id).ToArray(), device: decoder.Device).unsqueeze(0);
        Tensor hidden = new ResponseScorer(models, cost)
            .PolicyHidden(state, decoder.Embed(ids.narrow(1, 0, ids.shape[1] - 1)))
            .flatten(0, 1);
        Tensor targets = ids.reshape(-1, 1);
        int told = Math.Min(alternatives, decoder.Config.VocabularySize);
        var chosen = new List<float>();
        var likeliest = new List<IReadOnlyList<TokenProbability>>();
        foreach ((long start, long count) in PositionChunks.Of(hidden.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            Tensor logits = decoder.Logits(hidden.narrow(0, start, count)).to(ScalarType.Float32);
            Tensor logProbabilities = nn.functional.log_softmax(logits.Tempered(temperature), -1);
            chosen.AddRange(logProbabilities.gather(1, targets.narrow(0, start, count)).flatten().cpu().data<float>().ToArray());
            likeliest.AddRange(
                told == 0 ? Enumerable.Repeat<IReadOnlyList<TokenProbability>>([], (int)count) : Top(logProbabilities, told));
        }

        return new ReadTokens(chosen, likeliest);
    }

    private static IEnumerable<IReadOnlyList<TokenProbability>> Top(Tensor logProbabilities, int count)
    {
        (Tensor values, Tensor indices) = topk(logProbabilities, count, -1);
        float[] numbers = values.flatten().cpu().data<float>().ToArray();
        long[] ids = indices.flatten().cpu().data<long>().ToArray();
        return [.. numbers.Zip(ids, (number, id) => new TokenProbability((int)id, number)).Chunk(count)];
    }
}
