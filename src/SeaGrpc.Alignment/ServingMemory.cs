using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment;

/// <summary>Estimated memory of one alignment by SEA in bytes: what each model and the chains need for given lengths.</summary>
/// <param name="Weights">The weights of all models.</param>
/// <param name="Caches">Keys and values of the prompt, once for each model.</param>
/// <param name="Activations">What the largest backward pass stores from its forward pass, over all chains.</param>
/// <param name="Vocabulary">Tensors of the size of the chains' logits, and the chunks in which they are processed.</param>
/// <param name="Overhead">The program, the copies that a matrix product makes of its largest matrix, and heap fragmentation.</param>
/// <remarks>Intended to be somewhat above what is measured on a CPU (docs/loading.md).</remarks>
public sealed record ServingMemory(long Weights, long Caches, long Activations, long Vocabulary, long Overhead)
{
    /// <summary>.NET, libtorch's libraries and threads, a tokenizer.</summary>
    private const long Program = 256L << 20;

    /// <summary>One Nth of the weights is lost to heap fragmentation and to parts that are joined while loading.</summary>
    private const int WeightsPerWaste = 8;

    /// <summary>The chains' logits, Adam's two moments, and the policy's log-probabilities: all fp32.</summary>
    private const int LogitTensors = 4;

    /// <summary>Number of temporaries while a chunk of the positions is processed, each of at most 32 MiB.</summary>
    private const int Temporaries = 8;

    /// <summary>Number of prompt tokens that are read at once.</summary>
    private const long PrefillBlock = 128;

    /// <summary>Maximum numbers in all chunks of attention scores that are processed at once.</summary>
    private const long ScorePieces = 8L << 18;

    /// <summary>The sum.</summary>
    public long Total => Weights + Caches + Activations + Vocabulary + Overhead;

    /// <summary>Computes the estimate.</summary>
    /// <param name="models">Configuration, number of weights, and bytes per weight of each model, starting with the policy.</param>
    /// <param name="promptTokens">Length of the prompt.</param>
    /// <param name="responseTokens">Length of the response.</param>
    /// <param name="chains">Number of chains.</param>
    public static ServingMemory Of(
        IReadOnlyList<(TransformerConfig Shape, long Parameters, int Bytes)> models, int promptTokens, int responseTokens, int chains)
    {
        ArgumentNullException.ThrowIfNull(models);
        long logits = (long)chains * responseTokens * models[0].Shape.VocabularySize * sizeof(float);
        long weights = models.Sum(model => model.Parameters * model.Bytes);
        return new ServingMemory(
            weights,
            models.Sum(model => KeysAndValues(model.Shape) * promptTokens * model.Bytes),
            models.Max(model => model.Shape.LayerCount * LayerActivations(model.Shape, promptTokens, responseTokens, chains) * model.Bytes),
            (LogitTensors * logits) + (Temporaries * Math.Min(logits, 32L << 20)),
            Program + (weights / WeightsPerWaste) + models.Max(model => LargestMatrix(model.Shape) * sizeof(float)));
    }

    /// <summary>Numbers of one position's keys and values, in all layers.</summary>
    internal static long KeysAndValues(TransformerConfig shape) => 2L * shape.LayerCount * shape.KeyValueHeadCount * shape.HeadSize;

    /// <summary>Numbers of the matrix that a product packs, or widens to fp32, as a whole.</summary>
    internal static long LargestMatrix(TransformerConfig shape) =>
        shape.HiddenSize * Math.Max((long)shape.VocabularySize, 2L * shape.IntermediateSize);

    /// <summary>
    /// Numbers that a pass on the CPU holds at once with written-out layers: what they store for the backward pass, their common buffers,
    /// one layer's heads with the gradients at them, and chunks of scores.
    /// </summary>
    internal static long WrittenOutActivations(TransformerConfig shape, long promptTokens, long responseTokens, long rows, bool backward)
    {
        long tokens = Math.Max(rows * responseTokens, PrefillBlock);
        long heads = (long)shape.HeadCount * shape.HeadSize;
        long keys = (long)shape.KeyValueHeadCount * shape.HeadSize;
        long fused = heads + (2 * keys);
        long kept = (2 * shape.HiddenSize) + (2 * heads) + (2 * keys) + (2L * shape.IntermediateSize)
            + (shape.QueryKeyNorm ? fused : 0) + (shape.OutputNorms ? 2 * shape.HiddenSize : 0);
        // Scores and their gradients, for the prompt's keys and the response's own.
        long scores = Math.Min(4 * tokens * shape.HeadCount * (promptTokens + responseTokens), ScorePieces);
        long buffers = (5 * shape.HiddenSize) + (4 * fused) + heads + (3L * shape.IntermediateSize);
        return (tokens * ((backward ? shape.LayerCount * kept : 0) + buffers)) + scores;
    }

    /// <summary>
    /// Numbers that a layer computes and autograd stores: the inputs of norms and projections, keys and values with the prompt's, and
    /// attention weights.
    /// </summary>
    internal static long LayerActivations(TransformerConfig shape, long promptTokens, long responseTokens, long chains)
    {
        long rows = chains * responseTokens;
        long heads = (long)shape.HeadCount * shape.HeadSize;
        long keys = (long)shape.KeyValueHeadCount * shape.HeadSize;
        long seen = promptTokens + responseTokens;
        return (rows * ((6 * shape.HiddenSize) + (4 * heads) + (4 * keys) + (4L * shape.IntermediateSize)))
            + (chains * seen * 2 * keys)
            + (rows * shape.HeadCount * seen);
    }
}
