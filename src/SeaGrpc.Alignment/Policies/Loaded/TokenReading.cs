using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>What a loaded policy says of each token of a response.</summary>
internal static class TokenReading
{
    /// <summary>Reads a response.</summary>
    /// <param name="passes">The policy after the prompt.</param>
    /// <param name="response">Ids of the response, including EOS if it has one; at least one.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position; at least 0.</param>
    /// <param name="temperature">Temperature of pi_ref, instead of the reading's; above 0.</param>
    public static ReadTokens Of(PolicyPasses passes, IReadOnlyList<int> response, int alternatives, double temperature)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = passes.Policy.Decoder;
        Tensor ids = tensor(response.Select(id => (long)id).ToArray(), device: decoder.Device).unsqueeze(0);
        Tensor hidden = passes.Hidden(decoder.Embed(ids.narrow(1, 0, ids.shape[1] - 1))).flatten(0, 1);
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
