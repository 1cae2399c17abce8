using SeaGrpc.Alignment.Decoding;

namespace SeaGrpc.Alignment.Probing;

/// <summary>Scored samples from the policy, which describe a pair of models before any alignment.</summary>
public static class PolicySamples
{
    /// <summary>Draws responses to one prompt side by side.</summary>
    /// <param name="models">The models.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="count">Number of responses; at least 1.</param>
    /// <param name="maxResponseTokens">Maximum length in tokens; at least 1.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="NumericFailureException">A reward or a log-probability is not finite.</exception>
    public static IReadOnlyList<ScoredResponse> Draw(
        AlignmentModels models, EncodedPrompt prompt, int count, int maxResponseTokens, ulong seed)
    {
        var task = new AlignmentTask { Prompt = prompt, Method = new BaseParameters(), MaxResponseTokens = maxResponseTokens, Seed = seed };
        using var context = new RunContext(models, task);
        context.Prefill();
        using var sampler = new ResponseSampler(context, count);
        while (!sampler.IsFinished)
        {
            sampler.Step();
        }

        return [.. context.Score(sampler.Responses()).Select(row => row.Response)];
    }
}
