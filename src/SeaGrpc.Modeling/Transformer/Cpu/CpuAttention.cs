using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// Attention of one pass within a batch: forward, and backward to the queries, keys and values of the new positions. All rows read the keys
/// and values of a prompt in place: they are not copied and get no gradient.
/// </summary>
/// <remarks>
/// Scores are computed in blocks that stay in cache. The backward pass recomputes them instead of storing their softmax (Dao et al.,
/// "FlashAttention", NeurIPS 2022).
/// </remarks>
/// <param name="kernels">Kernels for the number format.</param>
/// <param name="config">The decoder's configuration.</param>
/// <param name="layer">Index of the layer.</param>
/// <param name="norms">The norms of queries and keys.</param>
internal sealed class CpuAttention(AttentionKernels kernels, TransformerConfig config, int layer, HeadNorms norms)
{
    /// <summary>Bytes of the scores computed at once: they stay in the second cache.</summary>
    private const long MaxScoreBytes = 1 << 20;

    /// <summary>
    /// Up to this number of new positions per row, its own bfloat16 keys are multiplied without libtorch. The call to libtorch would take
    /// longer than the product, and libtorch copies keys that have spare capacity after them.
    /// </summary>
    private const long FewPositions = 16;

    /// <summary>Up to this number of multiplications, the prompt's bfloat16 keys are multiplied without libtorch, too.</summary>
    private const long QuickProducts = 1 << 20;

    /// <summary>The tensors that the backward pass needs.</summary>
    /// <param name="Query">Rotated queries [blocks, queries, head].</param>
    /// <param name="Keys">Rotated keys of the new positions [blocks, positions, head].</param>
    /// <param name="Values">Their values.</param>
    /// <param name="LogSums">Logarithms of the softmax sums [blocks, queries], fp32.</param>
    internal sealed record Kept(Tensor Query, Tensor Keys, Tensor Values, Tensor LogSums)
    {
        public IEnumerable<Tensor> Tensors() => [Query, Keys, Values, LogSums];
    }

    /// <summary>Computes the outputs of one part.</summary>
    /// <param name="part">The part of the batch.</param>
    /// <param name="fused">Queries, keys and values of all parts [tokens, fused].</param>
    /// <param name="context">Outputs of all parts [tokens, heads * head]. Those of the part are written.</param>
    /// <param name="keep">Whether a backward pass follows.</param>
    /// <returns>The tensors that the backward pass needs, in the caller's scope; null if there is none.</returns>
    public Kept? Forward(PackedPass part, Tensor fused, Tensor context, bool keep)
    {
        using var scope = NewDisposeScope();
        LayerCache? cache = part.Pass.Cache?.Layer(layer);
        (Tensor Keys, Tensor Values)? prompt = cache?.Shared;
        HeadLayout layout = Layout(part, prompt?.Keys);
        AttentionScope seen = Scope(layout, prompt?.Keys, cache is { IsFrozen: false } ? cache.LentCount + cache.Start : 0);
        Tensor query = Empty(fused, layout.Blocks, layout.Queries, layout.Size);
        Tensor logSums = empty([layout.Blocks, layout.Queries], ScalarType.Float32, fused.device);
        Tensor inverseSums = empty([layout.Blocks, layout.Queries], ScalarType.Float32, fused.device);
        // In float32 what a position gets must not depend on what is read with it (docs/decisions/0007). libtorch's products might make it.
        bool areOwn = fused.dtype == ScalarType.Float32;
        bool inPlace = areOwn || (cache is { IsFrozen: false } && (cache.Lent is not null || layout.Positions <= FewPositions));
        (Tensor keys, Tensor values) = Split(part, fused, layout, cache, query, inPlace);
        NearKeys near = !inPlace ? default
            : cache is { IsFrozen: false } ? NearKeys.Of(cache)
            : new NearKeys(layout.PlaceOf(keys), layout.PlaceOf(values), null);
        foreach (ScoreRange range in Ranges(layout, seen, MaxScoreBytes / fused.ElementSize))
        {
            using var piece = NewDisposeScope();
            Tensor asked = Of(query, layout, range);
            Tensor own = inPlace
                ? Empty(fused, range.Blocks, range.Queries, seen.Own)
                : bmm(asked, keys.narrow(0, range.Block, range.Blocks).transpose(1, 2));
            if (inPlace)
            {
                kernels.Scores(query, near, range, layout, seen, own);
            }

            Tensor? fromPrompt = null;
            if (prompt is { } few && (areOwn || IsQuick(range, seen, layout)))
            {
                Tensor scores = Empty(fused, range.Blocks, range.Queries, seen.Prompt);
                kernels.PromptScores(query, few.Keys, range, layout, scores);
                kernels.Softmax(scores, own, range, seen, logSums, inverseSums);
                fromPrompt = Empty(fused, range.Blocks, range.Queries, layout.Size);
                kernels.PromptOutputs(scores, few.Values, range, layout, fromPrompt);
            }
            else
            {
                (Tensor Keys, Tensor Values)? against = prompt is { } read ? PromptOf(read, layout, range) : null;
                Tensor? scores = against is { } those ? bmm(Beside(asked, those.Keys), those.Keys.transpose(1, 2)) : null;
                kernels.Softmax(scores, own, range, seen, logSums, inverseSums);
                fromPrompt = scores is null ? null : bmm(scores, against!.Value.Values);
            }

            if (inPlace)
            {
                kernels.GatherNear(fromPrompt, own, near, range, layout, seen, inverseSums, context, part.Start);
            }
            else
            {
                Tensor fromOwn = bmm(own, values.narrow(0, range.Block, range.Blocks));
                kernels.Gather(fromPrompt, fromOwn, range, layout, inverseSums, context, part.Start);
            }
        }

        return keep
            ? new Kept(
                query.MoveToOuterDisposeScope(),
                keys.MoveToOuterDisposeScope(),
                values.MoveToOuterDisposeScope(),
                logSums.MoveToOuterDisposeScope()
            )
            : null;
    }

    /// <summary>Computes the gradient at the queries, keys and values of one part.</summary>
    /// <param name="part">The part of the batch.</param>
    /// <param name="kept">What <see cref="Forward"/> kept.</param>
    /// <param name="context">Outputs of all parts [tokens, heads * head].</param>
    /// <param name="gradient">Gradient at the outputs.</param>
    /// <param name="fused">Queries, keys and values before norms and rotation [tokens, fused]; null if heads have no norm.</param>
    /// <param name="result">Gradient at the queries, keys and values of all parts [tokens, fused]. That of the part is written.</param>
    public void Backward(PackedPass part, Kept kept, Tensor context, Tensor gradient, Tensor? fused, Tensor result)
    {
        using var scope = NewDisposeScope();
        (Tensor Keys, Tensor Values)? prompt = part.Pass.Cache?.Layer(layer).All();
        HeadLayout layout = Layout(part, prompt?.Keys);
        AttentionScope seen = Scope(layout, prompt?.Keys, 0);
        Tensor atOutput = Empty(context, layout.Blocks, layout.Queries, layout.Size);
        Tensor deltas = empty([layout.Blocks, layout.Queries], ScalarType.Float32, context.device);
        kernels.Scatter(context, gradient, layout, part.Start, atOutput, deltas);
        Tensor atQuery = empty_like(kept.Query);
        Tensor atKeys = zeros_like(kept.Keys);
        Tensor atValues = zeros_like(kept.Values);
        foreach (ScoreRange range in Ranges(layout, seen, MaxScoreBytes / context.ElementSize))
        {
            using var piece = NewDisposeScope();
            Tensor asked = Of(kept.Query, layout, range);
            Tensor outer = Of(atOutput, layout, range);
            Tensor keys = kept.Keys.narrow(0, range.Block, range.Blocks);
            Tensor own = bmm(asked, keys.transpose(1, 2));
            Tensor atOwn = bmm(outer, kept.Values.narrow(0, range.Block, range.Blocks).transpose(1, 2));
            (Tensor Keys, Tensor Values)? against = prompt is { } read ? PromptOf(read, layout, range) : null;
            (Tensor Scores, Tensor Gradients)? atPrompt = against is { } those
                ? (
                    bmm(Beside(asked, those.Keys), those.Keys.transpose(1, 2)),
                    bmm(Beside(outer, those.Values), those.Values.transpose(1, 2))
                )
                : null;
            kernels.SoftmaxBackward(atPrompt, (own, atOwn), range, seen, kept.LogSums, deltas);
            Tensor target = Of(atQuery, layout, range);
            target.copy_(bmm(atOwn, keys));
            if (atPrompt is { } far)
            {
                target.AddInPlace(bmm(far.Gradients, against!.Value.Keys).view(target.shape));
            }

            atKeys.narrow(0, range.Block, range.Blocks).AddInPlace(bmm(atOwn.transpose(1, 2), asked));
            atValues.narrow(0, range.Block, range.Blocks).AddInPlace(bmm(own.transpose(1, 2), outer));
        }

        kernels.Merge(part, layout, norms, config, (atQuery, atKeys, atValues), fused, result);
    }

    // Whether libtorch would take longer to begin a product than the product takes, in bfloat16.
    private static bool IsQuick(ScoreRange range, AttentionScope seen, HeadLayout layout) =>
        range.Blocks * range.Queries * seen.Prompt * layout.Size <= QuickProducts;

    // Writes to the cache if it grows. The returned tensors are not used if attention reads keys in place.
    private (Tensor Keys, Tensor Values) Split(
        PackedPass part, Tensor fused, HeadLayout layout, LayerCache? cache, Tensor query, bool inPlace)
    {
        if (cache is { IsFrozen: false })
        {
            (CachePlace newKeys, CachePlace newValues) = cache.Slots(layout.Rows, layout.Positions);
            kernels.Split(fused, part, layout, norms, config, query, newKeys, newValues);
            return inPlace ? (query, query) : cache.Written(layout.Positions);
        }

        Tensor keys = Empty(fused, layout.Blocks, layout.Positions, layout.Size);
        Tensor values = empty_like(keys);
        kernels.Split(fused, part, layout, norms, config, query, layout.PlaceOf(keys), layout.PlaceOf(values));
        return (keys, values);
    }

    private HeadLayout Layout(PackedPass part, Tensor? prompt) => new(
        part.Pass.Rows,
        part.Pass.Positions,
        config.KeyValueHeadCount,
        config.HeadCount / config.KeyValueHeadCount,
        config.HeadSize,
        RowsInside: prompt is not null && prompt.shape[0] == 1);

    private AttentionScope Scope(HeadLayout layout, Tensor? prompt, long before)
    {
        double divisor = Math.Sqrt(config.QueryScalar == 0 ? config.HeadSize : config.QueryScalar);
        return new AttentionScope(
            layout.Positions, prompt?.shape[2]
                ?? 0, before, config.WindowOf(layer), new ScoreScale((float)(1 / divisor), (float)(config.AttentionSoftCap ?? 0)));
    }

    /// <summary>
    /// All scores if they are few. Otherwise several groups at a time, or several rows of a group, or several queries of a block.
    /// </summary>
    /// <param name="layout">The heads.</param>
    /// <param name="seen">The keys.</param>
    /// <param name="most">Most scores at a time.</param>
    private static IEnumerable<ScoreRange> Ranges(HeadLayout layout, AttentionScope seen, long most)
    {
        long perQuery = seen.Prompt + seen.Own;
        long perBlock = perQuery * layout.Queries;
        // If rows are side by side, whole groups or rows of one group share one matrix of keys; otherwise any blocks do.
        long together = layout.RowsInside ? layout.Rows : 1;
        long blocks = most / perBlock;
        if (blocks < 1)
        {
            long queries = Math.Max(1, most / perQuery);
            for (long block = 0; block < layout.Blocks; block++)
            {
                for (long query = 0; query < layout.Queries; query += queries)
                {
                    yield return new ScoreRange(block, 1, query, Math.Min(queries, layout.Queries - query));
                }
            }

            yield break;
        }

        long step = blocks >= together ? blocks / together * together : blocks;
        long end = blocks >= together ? layout.Blocks : together;
        for (long first = 0; first < layout.Blocks; first += end)
        {
            for (long block = first; block < first + end; block += step)
            {
                yield return new ScoreRange(block, Math.Min(step, first + end - block), 0, layout.Queries);
            }
        }
    }

    private static Tensor Of(Tensor tensor, HeadLayout layout, ScoreRange range) =>
        range.Blocks == layout.Blocks && range.Queries == layout.Queries
            ? tensor
            : tensor.narrow(0, range.Block, range.Blocks).narrow(1, range.Query, range.Queries);

    // The keys and values of the prompt for a range: [groups or blocks, keys, head].
    private static (Tensor Keys, Tensor Values) PromptOf((Tensor Keys, Tensor Values) prompt, HeadLayout layout, ScoreRange range)
    {
        Tensor Part(Tensor tensor) => layout.RowsInside
            ? range.Blocks == layout.Blocks
                ? tensor.squeeze(0)
                : tensor.squeeze(0).narrow(0, range.Block / layout.Rows, Math.Max(1, range.Blocks / layout.Rows))
            : tensor.flatten(0, 1).narrow(0, range.Block, range.Blocks);
        return (Part(prompt.Keys), Part(prompt.Values));
    }

    // Blocks that share one matrix of keys, as one long block.
    private static Tensor Beside(Tensor blocks, Tensor keys) =>
        blocks.shape[0] == keys.shape[0] ? blocks : blocks.reshape(keys.shape[0], -1, blocks.shape[2]);

    private static Tensor Empty(Tensor like, params long[] shape) => empty(shape, like.dtype, like.device);
}
