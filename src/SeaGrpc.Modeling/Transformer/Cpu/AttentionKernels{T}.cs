using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Attention kernels for tensors of one number format.</summary>
[SkipLocalsInit]
internal sealed unsafe class AttentionKernels<T, TFormat> : AttentionKernels
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    public override void Split(
        Tensor fused, PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, Tensor query, CachePlace keys,
        CachePlace values)
    {
        long size = layout.Size;
        T* source = Numbers(fused) + (part.Start * layout.FusedWidth);
        T* q = Numbers(query);
        T* queryNorm = NumbersOrNull(norms.Query);
        T* keyNorm = NumbersOrNull(norms.Key);
        HeadShape<T> shape = Shape(part, config);
        long rows = layout.Rows * layout.Positions;
        RowLoop.Run(rows, 2 * layout.FusedWidth, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long token = first; token < end; token++)
            {
                (long row, long position) = Math.DivRem(token, layout.Positions);
                T* head = source + (token * layout.FusedWidth);
                for (int group = 0; group < layout.Groups; group++)
                {
                    long block = layout.Block(row, group);
                    for (int index = 0; index < layout.Share; index++, head += size)
                    {
                        T* target = q + (((block * layout.Queries) + (index * layout.Positions) + position) * size);
                        HeadKernels<T, TFormat>.Rotate(head, target, shape, queryNorm, position);
                    }
                }

                for (int group = 0; group < layout.Groups; group++, head += size)
                {
                    T* key = (T*)keys.Of(row, group, sizeof(T)) + (position * size);
                    T* value = (T*)values.Of(row, group, sizeof(T)) + (position * size);
                    HeadKernels<T, TFormat>.Rotate(head, key, shape, keyNorm, position);
                    HeadKernels<T, TFormat>.Copy(head + (layout.Groups * size), value, size);
                }
            }
        });
    }

    public override void Merge(
        PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, (Tensor Query, Tensor Key, Tensor Value) gradients,
        Tensor? fused, Tensor result)
    {
        long size = layout.Size;
        T* target = Numbers(result) + (part.Start * layout.FusedWidth);
        T* source = fused is null ? null : Numbers(fused) + (part.Start * layout.FusedWidth);
        T* q = Numbers(gradients.Query);
        T* k = Numbers(gradients.Key);
        T* v = Numbers(gradients.Value);
        T* queryNorm = NumbersOrNull(norms.Query);
        T* keyNorm = NumbersOrNull(norms.Key);
        HeadShape<T> shape = Shape(part, config);
        long rows = layout.Rows * layout.Positions;
        RowLoop.Run(rows, 2 * layout.FusedWidth, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long token = first; token < end; token++)
            {
                (long row, long position) = Math.DivRem(token, layout.Positions);
                long at = token * layout.FusedWidth;
                for (int group = 0; group < layout.Groups; group++)
                {
                    long block = layout.Block(row, group);
                    for (int index = 0; index < layout.Share; index++, at += size)
                    {
                        T* gradient = q + (((block * layout.Queries) + (index * layout.Positions) + position) * size);
                        HeadKernels<T, TFormat>.RotateBack(gradient, source + at, target + at, shape, queryNorm, position);
                    }
                }

                for (int group = 0; group < layout.Groups; group++, at += size)
                {
                    long own = ((layout.Block(row, group) * layout.Positions) + position) * size;
                    HeadKernels<T, TFormat>.RotateBack(k + own, source + at, target + at, shape, keyNorm, position);
                    HeadKernels<T, TFormat>.Copy(v + own, target + at + (layout.Groups * size), size);
                }
            }
        });
    }

    public override void Scores(
        Tensor query, NearKeys near, ScoreRange range, HeadLayout layout, AttentionScope scope, Tensor scores)
    {
        T* asked = Numbers(query);
        T* products = Numbers(scores);
        long size = layout.Size;
        ForEachPiece(range, scope.Own * size / 4, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (block, first, count) =>
        {
            (long row, long group) = layout.Of(range.Block + block);
            T* queries = asked + ((((range.Block + block) * layout.Queries) + range.Query + first) * size);
            T* target = products + (((block * range.Queries) + first) * scope.Own);
            (nint lent, nint own) = near.Keys(row, group, sizeof(T));
            HeadProducts<T, TFormat>.Scores(queries, count, (T*)lent, near.Lent, size, target, scope.Own);
            HeadProducts<T, TFormat>.Scores(
                queries, count, (T*)own, scope.EndOf(range.Query + first, count) - near.Lent, size, target + near.Lent, scope.Own);
        });
    }

    public override void Softmax(Tensor? prompt, Tensor own, ScoreRange range, AttentionScope scope, Tensor logSums, Tensor inverseSums)
    {
        T* against = NumbersOrNull(prompt);
        T* scores = Numbers(own);
        long queries = logSums.shape[1];
        float* logs = TensorPointer.Of<float>(logSums);
        float* inverses = TensorPointer.Of<float>(inverseSums);
        long rows = range.Blocks * range.Queries;
        RowLoop.Run(rows, 4 * (scope.Prompt + scope.Own), [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long block, long query) = Math.DivRem(row, range.Queries);
                long at = ((range.Block + block) * queries) + range.Query + query;
                (logs[at], inverses[at]) = ScoreKernels<T, TFormat>.Forward(
                    against + (row * scope.Prompt),
                    scores + (row * scope.Own),
                    scope.Of(range.Query + query),
                    scope.Scale
                );
            }
        });
    }

    public override void SoftmaxBackward(
        (Tensor Scores, Tensor Gradients)? prompt, (Tensor Scores, Tensor Gradients) own, ScoreRange range, AttentionScope scope,
        Tensor logSums, Tensor deltas)
    {
        T* against = NumbersOrNull(prompt?.Scores);
        T* atPrompt = NumbersOrNull(prompt?.Gradients);
        T* scores = Numbers(own.Scores);
        T* gradients = Numbers(own.Gradients);
        long queries = logSums.shape[1];
        float* logs = TensorPointer.Of<float>(logSums);
        float* means = TensorPointer.Of<float>(deltas);
        long rows = range.Blocks * range.Queries;
        RowLoop.Run(rows, 6 * (scope.Prompt + scope.Own), [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long block, long query) = Math.DivRem(row, range.Queries);
                long at = ((range.Block + block) * queries) + range.Query + query;
                VisibleKeys visible = scope.Of(range.Query + query);
                if (against != null)
                {
                    long start = row * scope.Prompt;
                    ScoreKernels<T, TFormat>.Backward(
                        against + start,
                        atPrompt + start,
                        visible.PromptFirst,
                        visible.PromptEnd,
                        scope.Prompt,
                        logs[at],
                        means[at],
                        scope.Scale
                    );
                }

                long ownStart = row * scope.Own;
                ScoreKernels<T, TFormat>.Backward(
                    scores + ownStart,
                    gradients + ownStart,
                    visible.OwnFirst,
                    visible.OwnEnd,
                    scope.Own,
                    logs[at],
                    means[at],
                    scope.Scale
                );
            }
        });
    }

    public override void Gather(
        Tensor? fromPrompt, Tensor fromOwn, ScoreRange range, HeadLayout layout, Tensor inverseSums, Tensor context, long start)
    {
        T* prompt = NumbersOrNull(fromPrompt);
        T* own = Numbers(fromOwn);
        T* target = Numbers(context);
        float* inverses = TensorPointer.Of<float>(inverseSums);
        RowLoop.Run(range.Blocks * range.Queries, 3L * layout.Size, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long block, long query) = Math.DivRem(row, range.Queries);
                T* output = target + OutputOf(layout, start, range.Block + block, range.Query + query);
                float inverse = inverses[((range.Block + block) * layout.Queries) + range.Query + query];
                for (long at = 0; at < layout.Size; at += Vectors.Width)
                {
                    var value = Vectors.Load<T, TFormat>(own + (row * layout.Size), at, layout.Size);
                    if (prompt != null)
                    {
                        value += Vectors.Load<T, TFormat>(prompt + (row * layout.Size), at, layout.Size);
                    }

                    Vectors.Store<T, TFormat>(value * inverse, output, at, layout.Size);
                }
            }
        });
    }

    public override void GatherNear(
        Tensor? fromPrompt, Tensor own, NearKeys near, ScoreRange range, HeadLayout layout, AttentionScope scope, Tensor inverseSums,
        Tensor context, long start)
    {
        T* prompt = NumbersOrNull(fromPrompt);
        T* weights = Numbers(own);
        T* target = Numbers(context);
        float* inverses = TensorPointer.Of<float>(inverseSums);
        long size = layout.Size;
        ForEachPiece(range, scope.Own * size / 4, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (block, first, count) =>
        {
            float* sums = stackalloc float[HeadProducts<T, TFormat>.SumNumbers(HeadProducts<T, TFormat>.MostQueries, size)];
            new Span<float>(sums, HeadProducts<T, TFormat>.SumNumbers(count, size)).Clear();
            (long row, long group) = layout.Of(range.Block + block);
            (nint lent, nint values) = near.Values(row, group, sizeof(T));
            T* own = weights + (((block * range.Queries) + first) * scope.Own);
            HeadProducts<T, TFormat>.AddWeighted(own, scope.Own, count, (T*)lent, near.Lent, size, sums);
            HeadProducts<T, TFormat>.AddWeighted(
                own + near.Lent, scope.Own, count, (T*)values, scope.EndOf(range.Query + first, count) - near.Lent, size, sums);
            for (long query = first; query < first + count; query++)
            {
                long at = (block * range.Queries) + query;
                Put(
                    sums + ((query - first) * HeadProducts<T, TFormat>.SumStride(size)),
                    prompt == null ? null : prompt + (at * size),
                    inverses[((range.Block + block) * layout.Queries) + range.Query + query],
                    target + OutputOf(layout, start, range.Block + block, range.Query + query),
                    size);
            }
        });
    }

    public override void Scatter(Tensor context, Tensor gradient, HeadLayout layout, long start, Tensor heads, Tensor deltas)
    {
        T* outputs = Numbers(context);
        T* gradients = Numbers(gradient);
        T* target = Numbers(heads);
        float* means = TensorPointer.Of<float>(deltas);
        RowLoop.Run(layout.Blocks * layout.Queries, 3L * layout.Size, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long block, long query) = Math.DivRem(row, layout.Queries);
                long source = OutputOf(layout, start, block, query);
                Vector256<float> sum = default;
                for (long at = 0; at < layout.Size; at += Vectors.Width)
                {
                    var value = Vectors.Load<T, TFormat>(gradients + source, at, layout.Size);
                    sum = Vector256.FusedMultiplyAdd(value, Vectors.Load<T, TFormat>(outputs + source, at, layout.Size), sum);
                    Vectors.Store<T, TFormat>(value, target + (row * layout.Size), at, layout.Size);
                }

                means[row] = Vector256.Sum(sum);
            }
        });
    }

    public override void PromptScores(Tensor query, Tensor keys, ScoreRange range, HeadLayout layout, Tensor scores)
    {
        T* asked = Numbers(query);
        T* target = Numbers(scores);
        (long count, long size) = (keys.shape[2], layout.Size);
        var place = CachePlace.Of(keys);
        bool isShared = keys.shape[0] == 1;
        long together = Together(range, layout, isShared);
        ScoreRange joined = Joined(range, together);
        ForEachPiece(joined, count * size / 4, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (block, first, queries) =>
        {
            (long row, long group) = layout.Of(range.Block + (block * together));
            HeadProducts<T, TFormat>.Scores(
                asked + ((((range.Block + (block * together)) * layout.Queries) + range.Query + first) * size),
                queries,
                (T*)place.Of(isShared ? 0 : row, group, sizeof(T)),
                count,
                size,
                target + (((block * joined.Queries) + first) * count),
                count);
        });
    }

    public override void PromptOutputs(Tensor weights, Tensor values, ScoreRange range, HeadLayout layout, Tensor outputs)
    {
        T* softmax = Numbers(weights);
        T* target = Numbers(outputs);
        (long count, long size) = (values.shape[2], layout.Size);
        var place = CachePlace.Of(values);
        bool isShared = values.shape[0] == 1;
        long together = Together(range, layout, isShared);
        ScoreRange joined = Joined(range, together);
        ForEachPiece(joined, count * size / 4, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (block, first, queries) =>
        {
            float* sums = stackalloc float[HeadProducts<T, TFormat>.SumNumbers(HeadProducts<T, TFormat>.MostQueries, size)];
            new Span<float>(sums, HeadProducts<T, TFormat>.SumNumbers(queries, size)).Clear();
            (long row, long group) = layout.Of(range.Block + (block * together));
            long at = (block * joined.Queries) + first;
            HeadProducts<T, TFormat>.AddWeighted(
                softmax + (at * count), count, queries, (T*)place.Of(isShared ? 0 : row, group, sizeof(T)), count, size, sums);
            for (long query = 0; query < queries; query++)
            {
                Put(sums + (query * HeadProducts<T, TFormat>.SumStride(size)), null, 1, target + ((at + query) * size), size);
            }
        });
    }

    /// <summary>Some queries [first, first + count) of a block, counted within a range.</summary>
    private delegate void Piece(long block, long first, long count);

    // Pieces of a range's blocks, each of few enough queries for one call. They run in parallel.
    private static void ForEachPiece(ScoreRange range, long numbersPerQuery, Piece body)
    {
        long perBlock = (range.Queries + HeadProducts<T, TFormat>.MostQueries - 1) / HeadProducts<T, TFormat>.MostQueries;
        long each = (range.Queries + perBlock - 1) / perBlock;
        RowLoop.Run(range.Blocks * perBlock, each * numbersPerQuery, (first, end) =>
        {
            for (long piece = first; piece < end; piece++)
            {
                (long block, long part) = Math.DivRem(piece, perBlock);
                long query = range.Queries * part / perBlock;
                body(block, query, (range.Queries * (part + 1) / perBlock) - query);
            }
        });
    }

    // Blocks whose queries are next to each other and meet the same keys.
    private static long Together(ScoreRange range, HeadLayout layout, bool isShared) =>
        isShared && range.Queries == layout.Queries ? Math.Min(range.Blocks, layout.Rows) : 1;

    // The same range, with such blocks as one.
    private static ScoreRange Joined(ScoreRange range, long together) =>
        range with { Blocks = range.Blocks / together, Queries = range.Queries * together };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* sums, T* prompt, float inverse, T* output, long size)
    {
        for (long at = 0; at < size; at += Vectors.Width)
        {
            Vector256<float> value = Vector256.Load(sums + at);
            if (prompt != null)
            {
                value += Vectors.Load<T, TFormat>(prompt, at, size);
            }

            Vectors.Store<T, TFormat>(value * inverse, output, at, size);
        }
    }

    // Index of a query's output in [tokens, heads * head].
    private static long OutputOf(HeadLayout layout, long start, long block, long query)
    {
        (long row, long group) = layout.Of(block);
        (long index, long position) = Math.DivRem(query, layout.Positions);
        return ((start + (row * layout.Positions) + position) * layout.Heads * layout.Size)
            + (((group * layout.Share) + index) * layout.Size);
    }

    private static HeadShape<T> Shape(PackedPass part, TransformerConfig config) => new(
        config.HeadSize, (int)part.Cosine.shape[1], Numbers(part.Cosine), Numbers(part.Sine), (float)config.RmsNormEpsilon,
        config.NormUnitOffset);

    private static T* Numbers(Tensor tensor) => TensorPointer.Of<T>(tensor);

    private static T* NumbersOrNull(Tensor? tensor) => tensor is null ? null : TensorPointer.Of<T>(tensor);
}
