using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Probing;

/// <summary>
/// Measures how far the energy's gradient can be trusted. Substitutions of single tokens are predicted by the gradient, to first order as
/// dU/dy_t[v] - dU/dy_t[y_t], and computed exactly.
/// </summary>
public static class GradientProbe
{
    /// <summary>Substitutes are drawn from this number of the policy's most likely tokens at the position.</summary>
    private const int Plausible = 16;

    /// <summary>Number of responses scored side by side.</summary>
    private const int BatchRows = 64;

    /// <summary>Measures random plausible substitutions of one response.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">The response.</param>
    /// <param name="parameters">The energy: alpha and the reference term.</param>
    /// <param name="smoothing">Levels of noise on the embeddings, in standard deviations of the embedding matrix.</param>
    /// <param name="substitutions">Number of substitutions; fewer if the response allows fewer.</param>
    /// <param name="draws">Number of noisy gradients that are averaged at each level.</param>
    /// <param name="seed">Seed of substitutions and noise.</param>
    /// <exception cref="NumericFailureException">An energy is not finite.</exception>
    public static SubstitutionChanges Measure(
        AlignmentModels models,
        EncodedPrompt prompt,
        ScoredResponse response,
        SeaParameters parameters,
        IReadOnlyList<double> smoothing,
        int substitutions,
        int draws,
        ulong seed)
    {
        var task =
            new AlignmentTask { Prompt = prompt, Method = parameters, MaxResponseTokens = Math.Max(1, response.Tokens.Count), Seed = seed };
        using var context = new RunContext(models, task);
        context.Prefill();
        (int[] Tokens, bool Ended) original = ([.. response.Tokens], response.EndsWithEos);
        HardResponses row = context.Rows([original]);
        (int Position, int Token)[] chosen = Choose(context, row, substitutions);
        return new SubstitutionChanges(
            Exact(context, original, chosen),
            [.. smoothing.Select(
                level => Predict(context, row, parameters with { EmbeddingNoise = level }, chosen, level == 0 ? 1 : draws))]);
    }

    private static (int Position, int Token)[] Choose(RunContext context, HardResponses row, int count)
    {
        int positions = row.ContentLengths[0];
        if (positions == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var decoder = context.Models.Policy.Decoder;
        Tensor ids = ResponseScorer.Ids(row.Tokens, 1, decoder).narrow(1, 0, positions);
        Tensor hidden = context.PolicyPasses().Hidden(decoder.Embed(ids.narrow(1, 0, positions - 1)));
        Tensor logits = decoder.Logits(hidden).squeeze(0).to(ScalarType.Float32).Plus(context.Models.LegalTokens);
        int kept = (int)Math.Min(Plausible, logits.shape[1]);
        (Tensor values, Tensor which) = logits.topk(kept, -1);
        float[] value = values.cpu().data<float>().ToArray();
        long[] token = which.cpu().data<long>().ToArray();
        long[] order = randperm(token.Length, generator: context.Generator, device: context.Generator.device).cpu().data<long>().ToArray();
        return [.. order
            .Where(index => float.IsFinite(value[index]) && !context.Models.IsEos(token[index]) && token[index] != row.Tokens[index / kept])
            .Take(count)
            .Select(index => ((int)(index / kept), (int)token[index]))];
    }

    private static double[] Exact(RunContext context, (int[] Tokens, bool Ended) original, (int Position, int Token)[] substitutions)
    {
        double energy = context.Score([original])[0].Response.Energy;
        return [.. substitutions.Chunk(BatchRows)
            .SelectMany(batch => context.Score([.. batch.Select(substitution => Substituted(original, substitution))]))
            .Select(row => row.Response.Energy - energy)];
    }

    private static (int[] Tokens, bool Ended) Substituted((int[] Tokens, bool Ended) original, (int Position, int Token) substitution)
    {
        int[] tokens = [.. original.Tokens];
        tokens[substitution.Position] = substitution.Token;
        return (tokens, original.Ended);
    }

    private static double[] Predict(
        RunContext context, HardResponses row, SeaParameters parameters, (int Position, int Token)[] substitutions, int draws)
    {
        var changes = new double[substitutions.Length];
        for (int draw = 0; draw < draws && substitutions.Length > 0; draw++)
        {
            using var scope = NewDisposeScope();
            using EnergyGradient gradient = EnergyGradient.At(
                context.Models, context.Prompt, row, parameters, context.Generator, context.Cost);
            using var noGrad = no_grad();
            foreach (IGrouping<int, int> position in Enumerable.Range(0, substitutions.Length)
                .GroupBy(index => substitutions[index].Position))
            {
                using var piece = NewDisposeScope();
                Tensor relaxed = gradient.OverVocabulary(position.Key, 1).flatten();
                long[] tokens = [row.Tokens[position.Key], .. position.Select(index => (long)substitutions[index].Token)];
                float[] own = relaxed.index_select(0, tensor(tokens, device: relaxed.device)).cpu().data<float>().ToArray();
                foreach ((int index, int place) in position.Select((index, place) => (index, place)))
                {
                    changes[index] += ((double)own[place + 1] - own[0]) / draws;
                }
            }
        }

        return changes;
    }
}
