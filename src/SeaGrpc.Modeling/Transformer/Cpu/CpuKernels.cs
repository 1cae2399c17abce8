using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// What stands between a layer's matrix products, each in one pass over memory, for tensors on the CPU. libtorch has no fused operators for
/// it: composed of its own, an RMSNorm alone is seven passes.
/// </summary>
internal abstract class CpuKernels
{
    /// <summary>Those of a number format, or null where there are none.</summary>
    public static CpuKernels? Of(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => Single,
        ScalarType.BFloat16 => BFloat16,
        _ => null,
    };

    private static readonly CpuKernels Single = new CpuKernels<float, SingleFormat>();
    private static readonly CpuKernels BFloat16 = new CpuKernels<ushort, BFloat16Format>();

    /// <summary>RMSNorm of rows [tokens, hidden].</summary>
    public abstract void Norm(Tensor input, Tensor weight, Tensor output, TransformerConfig config);

    /// <summary>sum = input + branch, output = its RMSNorm; the sum may be the input. All [tokens, hidden].</summary>
    public abstract void AddNorm(Tensor input, Tensor branch, Tensor sum, Tensor weight, Tensor output, TransformerConfig config);

    /// <summary>The gradient at an RMSNorm's input, added to <paramref name="inputGradient"/> or in its place.</summary>
    public abstract void NormBackward(
        Tensor input, Tensor weight, Tensor outputGradient, Tensor inputGradient, TransformerConfig config, bool add);

    /// <summary>activation(gate) * up: [tokens, 2 * width] to [tokens, width].</summary>
    public abstract void Gate(Tensor gateUp, Tensor activated, Activation activation);

    /// <summary>The gradients at gate and up [tokens, 2 * width].</summary>
    public abstract void GateBackward(Tensor gateUp, Tensor gradient, Tensor both, Activation activation);

    /// <summary>Takes a part's tokens of [tokens, fused] apart, rotated.</summary>
    /// <param name="fused">Queries, keys and values of all tokens [tokens, fused].</param>
    /// <param name="part">The part.</param>
    /// <param name="layout">Its heads.</param>
    /// <param name="norms">The heads' norms.</param>
    /// <param name="config">The shape.</param>
    /// <param name="query">[blocks, queries, head].</param>
    /// <param name="keys">Where the first block's first new key goes.</param>
    /// <param name="values">Where its value goes.</param>
    /// <param name="stride">From a block's keys to the next one's, in numbers.</param>
    public abstract void Split(
        Tensor fused, PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, Tensor query, Tensor keys,
        Tensor values, long stride);

    /// <summary>The gradient at a part's tokens of [tokens, fused] from those at its heads.</summary>
    /// <param name="part">The part.</param>
    /// <param name="layout">Its heads.</param>
    /// <param name="norms">The heads' norms.</param>
    /// <param name="config">The shape.</param>
    /// <param name="gradients">At queries [blocks, queries, head], keys and values [blocks, positions, head].</param>
    /// <param name="fused">Queries, keys and values as they came [tokens, fused]; null where heads have no norm.</param>
    /// <param name="result">[tokens, fused].</param>
    public abstract void Merge(
        PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, (Tensor Query, Tensor Key, Tensor Value) gradients,
        Tensor? fused, Tensor result);

    /// <summary>The softmax of a range's scores, not yet divided by its sum.</summary>
    /// <param name="prompt">Scores against the prompt's keys, [..., keys], or null.</param>
    /// <param name="own">Scores against the rows' own keys [blocks, queries, keys].</param>
    /// <param name="range">Which blocks and queries.</param>
    /// <param name="scope">What they see.</param>
    /// <param name="logSums">The logarithms of the sums [blocks, queries] of all, fp32; those of the range are written.</param>
    /// <param name="inverseSums">1 / the sums, likewise.</param>
    public abstract void Softmax(Tensor? prompt, Tensor own, ScoreRange range, AttentionScope scope, Tensor logSums, Tensor inverseSums);

    /// <summary>Its backward pass; <paramref name="own"/> becomes the softmax, the gradients those at the scores.</summary>
    public abstract void SoftmaxBackward(
        (Tensor Scores, Tensor Gradients)? prompt, (Tensor Scores, Tensor Gradients) own, ScoreRange range, AttentionScope scope,
        Tensor logSums, Tensor deltas);

    /// <summary>Puts a range's outputs, divided by the sums, where their tokens are.</summary>
    /// <param name="fromPrompt">What the prompt's values gave [.., head], or null.</param>
    /// <param name="fromOwn">What the rows' own gave.</param>
    /// <param name="range">Which blocks and queries.</param>
    /// <param name="layout">The part's heads.</param>
    /// <param name="inverseSums">1 / the sums [blocks, queries].</param>
    /// <param name="context">[tokens, heads * head].</param>
    /// <param name="start">The part's first token.</param>
    public abstract void Gather(
        Tensor? fromPrompt, Tensor fromOwn, ScoreRange range, HeadLayout layout, Tensor inverseSums, Tensor context, long start);

    /// <summary>The gradient at a part's outputs head by head, and the sums of output times gradient.</summary>
    /// <param name="context">Outputs [tokens, heads * head].</param>
    /// <param name="gradient">At the outputs [tokens, heads * head].</param>
    /// <param name="layout">The part's heads.</param>
    /// <param name="start">The part's first token.</param>
    /// <param name="heads">[blocks, queries, head].</param>
    /// <param name="deltas">[blocks, queries], fp32.</param>
    public abstract void Scatter(Tensor context, Tensor gradient, HeadLayout layout, long start, Tensor heads, Tensor deltas);
}

/// <summary>The weights of the norms of queries and keys, or nulls.</summary>
/// <param name="Query">[head].</param>
/// <param name="Key">[head].</param>
internal readonly record struct HeadNorms(Tensor? Query, Tensor? Key);

/// <summary>Blocks [Block, Block + Blocks) and of each its queries [Query, Query + Queries).</summary>
internal readonly record struct ScoreRange(long Block, long Blocks, long Query, long Queries);

/// <summary>What queries see.</summary>
/// <param name="Positions">New positions of each row.</param>
/// <param name="Prompt">Keys of a prompt that stands apart.</param>
/// <param name="Before">Keys of the row's own that are older than this pass.</param>
/// <param name="Window">Most keys that a query sees, or null.</param>
/// <param name="Scale">What becomes of scores.</param>
internal readonly record struct AttentionScope(long Positions, long Prompt, long Before, int? Window, ScoreScale Scale)
{
    /// <summary>The row's own keys.</summary>
    public long Own => Before + Positions;

    /// <summary>What a block's query sees.</summary>
    public VisibleKeys Of(long query) => VisibleKeys.Of(Prompt, Own, Before + (query % Positions), Window);
}

/// <summary>The kernels over tensors of one number format.</summary>
internal sealed unsafe class CpuKernels<T, TFormat> : CpuKernels
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    public override void Norm(Tensor input, Tensor weight, Tensor output, TransformerConfig config)
    {
        long width = input.shape[1];
        T* x = Numbers(input);
        T* w = Numbers(weight);
        T* y = Numbers(output);
        (float epsilon, bool offset) = ((float)config.RmsNormEpsilon, config.NormUnitOffset);
        RowLoop.Run(input.shape[0], 2 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                NormKernels<T, TFormat>.Forward(x + (row * width), w, y + (row * width), width, epsilon, offset);
            }
        });
    }

    public override void AddNorm(Tensor input, Tensor branch, Tensor sum, Tensor weight, Tensor output, TransformerConfig config)
    {
        long width = input.shape[1];
        T* x = Numbers(input);
        T* added = Numbers(branch);
        T* total = Numbers(sum);
        T* w = Numbers(weight);
        T* y = Numbers(output);
        (float epsilon, bool offset) = ((float)config.RmsNormEpsilon, config.NormUnitOffset);
        RowLoop.Run(input.shape[0], 3 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                long at = row * width;
                NormKernels<T, TFormat>.AddForward(x + at, added + at, total + at, w, y + at, width, epsilon, offset);
            }
        });
    }

    public override void NormBackward(
        Tensor input, Tensor weight, Tensor outputGradient, Tensor inputGradient, TransformerConfig config, bool add)
    {
        long width = input.shape[1];
        T* x = Numbers(input);
        T* w = Numbers(weight);
        T* dy = Numbers(outputGradient);
        T* dx = Numbers(inputGradient);
        (float epsilon, bool offset) = ((float)config.RmsNormEpsilon, config.NormUnitOffset);
        RowLoop.Run(input.shape[0], 4 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                long at = row * width;
                NormKernels<T, TFormat>.Backward(x + at, w, dy + at, dx + at, width, epsilon, offset, add);
            }
        });
    }

    public override void Gate(Tensor gateUp, Tensor activated, Activation activation)
    {
        long width = activated.shape[1];
        T* both = Numbers(gateUp);
        T* product = Numbers(activated);
        RowLoop.Run(activated.shape[0], 4 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                GateKernels<T, TFormat>.Forward(both + (row * 2 * width), product + (row * width), width, activation);
            }
        });
    }

    public override void GateBackward(Tensor gateUp, Tensor gradient, Tensor both, Activation activation)
    {
        long width = gradient.shape[1];
        T* inputs = Numbers(gateUp);
        T* outer = Numbers(gradient);
        T* result = Numbers(both);
        RowLoop.Run(gradient.shape[0], 6 * width, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                GateKernels<T,
                TFormat>.Backward(inputs + (row * 2 * width), outer + (row * width), result + (row * 2 * width), width, activation);
            }
        });
    }

    public override void Split(
        Tensor fused, PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, Tensor query, Tensor keys,
        Tensor values, long stride)
    {
        long size = layout.Size;
        T* source = Numbers(fused) + (part.Start * layout.FusedWidth);
        T* q = Numbers(query);
        T* k = Numbers(keys);
        T* v = Numbers(values);
        T* queryNorm = NumbersOrNull(norms.Query);
        T* keyNorm = NumbersOrNull(norms.Key);
        HeadShape<T> shape = Shape(part, config);
        RowLoop.Run(
            layout.Rows * layout.Positions, 2 * layout.FusedWidth, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
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
                    long at = (layout.Block(row, group) * stride) + (position * size);
                    HeadKernels<T, TFormat>.Rotate(head, k + at, shape, keyNorm, position);
                    HeadKernels<T, TFormat>.Copy(head + (layout.Groups * size), v + at, size);
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
        RowLoop.Run(
            layout.Rows * layout.Positions, 2 * layout.FusedWidth, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
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

    public override void Softmax(Tensor? prompt, Tensor own, ScoreRange range, AttentionScope scope, Tensor logSums, Tensor inverseSums)
    {
        T* against = NumbersOrNull(prompt);
        T* scores = Numbers(own);
        long queries = logSums.shape[1];
        float* logs = TensorPointer.Of<float>(logSums);
        float* inverses = TensorPointer.Of<float>(inverseSums);
        RowLoop.Run(
            range.Blocks * range.Queries, 4 * (scope.Prompt + scope.Own),
            [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long block, long query) = Math.DivRem(row, range.Queries);
                long at = ((range.Block + block) * queries) + range.Query + query;
                (logs[at], inverses[at]) = ScoreKernels<T, TFormat>.Forward(
                    against + (row * scope.Prompt), scores + (row * scope.Own), scope.Of(range.Query + query), scope.Scale);
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
        RowLoop.Run(
            range.Blocks * range.Queries, 6 * (scope.Prompt + scope.Own),
            [MethodImpl(MethodImplOptions.AggressiveOptimization)] (first, end) =>
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
                        against
                            + start, atPrompt
                            + start, visible.PromptFirst, visible.PromptEnd, scope.Prompt, logs[at], means[at], scope.Scale);
                }

                long ownStart = row * scope.Own;
                ScoreKernels<T, TFormat>.Backward(
                    scores + ownStart, gradients + ownStart, visible.OwnFirst, visible.OwnEnd, scope.Own, logs[at], means[at], scope.Scale);
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

    // Where a query's output stands in [tokens, heads * head].
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
