using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Samples responses of a model that is still in training: one row per prompt, each step over the whole sequence.</summary>
public static class TrainingSampler
{
    /// <summary>One response to each prompt at temperature 1.</summary>
    /// <param name="decoder">The model, with an output projection.</param>
    /// <param name="prompts">Prompt ids, up to where the response begins.</param>
    /// <param name="endId">The id that ends a response.</param>
    /// <param name="maxTokens">Longest response.</param>
    /// <param name="seed">Seed of the sampling.</param>
    /// <param name="cancellation">Ends sampling between two tokens.</param>
    /// <returns>The responses' ids without the end.</returns>
    public static int[][] Sample(
        TransformerDecoder decoder, IReadOnlyList<int[]> prompts, int endId, int maxTokens, int seed,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        using var noGrad = no_grad();
        using var generator = new Generator((ulong)seed);
        var rows = prompts.Select(prompt => prompt.ToList()).ToArray();
        var isDone = new bool[rows.Length];
        for (var token = 0; token < maxTokens && isDone.Contains(false); token++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = new PaddedBatch([.. rows.Select(row => new TrainingSequence([.. row], 1))]);
            var last = decoder.Forward(decoder.Embed(batch.Ids)).flatten(0, 1).index_select(0, batch.LastIndices());
            var drawn = multinomial(nn.functional.softmax(decoder.Logits(last), -1), 1, generator: generator).data<long>().ToArray();
            for (var row = 0; row < rows.Length; row++)
            {
                isDone[row] |= drawn[row] == endId;
                if (!isDone[row])
                {
                    rows[row].Add((int)drawn[row]);
                }
            }
        }

        return [.. rows.Select((row, index) => row.Skip(prompts[index].Length).ToArray())];
    }
}
