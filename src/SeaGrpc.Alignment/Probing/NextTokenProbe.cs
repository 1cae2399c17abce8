using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Search;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Probing;

/// <summary>
/// Asks whether the reward's gradient tells which next token is best: one backward pass at the next position against the exact reward of
/// every candidate.
/// </summary>
public static class NextTokenProbe
{
    /// <summary>Samples an answer of the policy, and looks at next tokens along it.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="policy">The temperatures of the reference and of the sample.</param>
    /// <param name="depths">Tokens of the beginnings; those beyond the end of the sample are left out.</param>
    /// <param name="candidates">How many of the policy's likeliest tokens.</param>
    /// <param name="seed">Seed of the sample.</param>
    /// <exception cref="ArgumentException">A reward has no gradient.</exception>
    public static IReadOnlyList<NextTokens> Measure(
        AlignmentModels models, EncodedPrompt prompt, BaseParameters policy, IReadOnlyList<int> depths, int candidates, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(depths);
        if (!models.HasRewardGradient)
        {
            throw new ArgumentException("A reward has no gradient to be measured.", nameof(models));
        }

        // The token and an end after it.
        var task = new AlignmentTask { Prompt = prompt, Method = policy, MaxResponseTokens = depths.Max() + 2, Seed = seed };
        using var context = new RunContext(models, task);
        context.Prefill();
        using var sampler = new ResponseSampler(context, 1);
        while (!sampler.IsFinished)
        {
            sampler.Step();
        }

        int[] answer = sampler.Responses()[0].Tokens;
        return [.. depths.Where(depth => depth <= answer.Length).Select(depth => After(context, answer[..depth], candidates))];
    }

    private static NextTokens After(RunContext context, int[] beginning, int candidates)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var start = new Continuation(PrefixRows.Start(context, beginning), keepsRows: false);
        var shape = new SearchShape { BeamWidth = 1, Candidates = candidates };
        BeamOutlook next = context.Prompt.Policy.Next([start.Beams!.Policy])[0];
        using EnumeratedCandidates read = EnumeratedCandidates.Read(context, shape, [(start, next)])[0];
        int[] tokens = [.. read.Responses.Select(response => response.Tokens[^1])];
        double[] logProbabilities = [.. read.Responses.Select(response => response.LogProbability)];
        int likeliest = Array.IndexOf(logProbabilities, logProbabilities.Max());
        HardResponses row = context.Rows([([.. beginning, tokens[likeliest]], false)]);
        var mean = new MeanToken(
            tokens, [.. logProbabilities.Select(value => Math.Exp(value - logProbabilities[likeliest]))], beginning.Length);
        return new NextTokens(
            beginning.Length,
            [.. read.Responses.Select(response => response.Reward)],
            logProbabilities,
            Predicted(context, row, tokens, new EmbeddingSmoothing(0, null)),
            Predicted(context, row, tokens, mean));
    }

    private static double[] Predicted(RunContext context, HardResponses row, int[] tokens, EmbeddingSmoothing smoothing)
    {
        using var scope = NewDisposeScope();
        Tensor sum = zeros(
            [1, context.Models.Policy.Decoder.Config.VocabularySize], ScalarType.Float32, context.Models.Policy.Decoder.Device);
        foreach ((IRewardState state, double weight) in context.Prompt.Rewards)
        {
            using IRewardGradient gradient = state.Gradient(row, weight, smoothing);
            using var noGrad = no_grad();
            gradient.AddTo(sum, row.Positions - 1, 1);
        }

        Tensor chosen = sum[0].index_select(0, tensor(tokens.Select(token => (long)token).ToArray(), device: sum.device));
        return [.. chosen.cpu().data<float>().ToArray().Select(value => (double)value)];
    }
}
