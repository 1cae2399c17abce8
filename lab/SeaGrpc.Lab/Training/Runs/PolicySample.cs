using SeaGrpc.Lab.Worlds;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>What a policy in training answered to a prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Assessment">What the world's judge says.</param>
internal sealed record PolicySample(WorldPrompt Prompt, string Answer, Assessment Assessment)
{
    /// <summary>One answer at temperature 1 to each of some tuning prompts of a world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="count">Number of prompts.</param>
    /// <param name="encode">A prompt's ids.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="endId">The id that ends a response.</param>
    /// <param name="seed">Seed of the prompts and of the sampling.</param>
    /// <param name="cancellation">Ends sampling between two tokens.</param>
    public static PolicySample[] Draw(
        IEmbeddedWorld world, int count, Func<string, int[]> encode, Tokenizer tokenizer, TransformerDecoder policy, int endId, int seed,
        CancellationToken cancellation)
    {
        IReadOnlyList<WorldPrompt> asked = world.TuningPrompts(count, seed);
        int[][] responses = TrainingSampler.Sample(
            policy, [.. asked.Select(prompt => encode(prompt.Text))], endId, world.MaxResponseTokens, seed, cancellation);
        return
        [
            .. asked.Zip(responses.Select(response => tokenizer.Decode(response)), (prompt, answer) =>
                new PolicySample(prompt, answer, world.Assess(prompt, answer))),
        ];
    }
}
