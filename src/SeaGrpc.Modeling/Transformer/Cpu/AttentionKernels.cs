using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// What stands between attention's matrix products, each in one pass over memory, for tensors on the CPU: heads taken apart and put
/// together, rotated, and the softmax of their scores; with the backward pass of each.
/// </summary>
internal abstract class AttentionKernels
{
    private static readonly AttentionKernels Single = new AttentionKernels<float, SingleFormat>();
    private static readonly AttentionKernels BFloat16 = new AttentionKernels<ushort, BFloat16Format>();

    /// <summary>Those of a number format, or null if there are none.</summary>
    public static AttentionKernels? Of(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => Single,
        ScalarType.BFloat16 => BFloat16,
        _ => null,
    };

    /// <summary>Takes a part's tokens of [tokens, fused] apart, rotated.</summary>
    /// <param name="fused">Queries, keys and values of all tokens [tokens, fused].</param>
    /// <param name="part">The part.</param>
    /// <param name="layout">Its heads.</param>
    /// <param name="norms">The heads' norms.</param>
    /// <param name="config">The shape.</param>
    /// <param name="query">[blocks, queries, head].</param>
    /// <param name="keys">Where the new keys go.</param>
    /// <param name="values">Where their values go.</param>
    public abstract void Split(
        Tensor fused, PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, Tensor query, CachePlace keys,
        CachePlace values);

    /// <summary>The gradient at a part's tokens of [tokens, fused] from those at its heads.</summary>
    /// <param name="part">The part.</param>
    /// <param name="layout">Its heads.</param>
    /// <param name="norms">The heads' norms.</param>
    /// <param name="config">The shape.</param>
    /// <param name="gradients">At queries [blocks, queries, head], keys and values [blocks, positions, head].</param>
    /// <param name="fused">Queries, keys and values as they came [tokens, fused]; null if heads have no norm.</param>
    /// <param name="result">[tokens, fused].</param>
    public abstract void Merge(
        PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, (Tensor Query, Tensor Key, Tensor Value) gradients,
        Tensor? fused, Tensor result);

    /// <summary>A range's scores against keys that are read where they stand.</summary>
    /// <param name="query">Queries [blocks, queries, head] of all.</param>
    /// <param name="near">The keys.</param>
    /// <param name="range">Which blocks and queries.</param>
    /// <param name="layout">The part's heads.</param>
    /// <param name="scope">What they see.</param>
    /// <param name="scores">[blocks, queries, keys] of the range; written.</param>
    public abstract void Scores(
        Tensor query, NearKeys near, ScoreRange range, HeadLayout layout, AttentionScope scope, Tensor scores);

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

    /// <summary>The same, where the rows' own values are read where they stand.</summary>
    /// <param name="fromPrompt">What the prompt's values gave [.., head], or null.</param>
    /// <param name="own">The softmax over the rows' own keys [blocks, queries, keys] of the range, not yet divided.</param>
    /// <param name="near">The values.</param>
    /// <param name="range">Which blocks and queries.</param>
    /// <param name="layout">The part's heads.</param>
    /// <param name="scope">What they see.</param>
    /// <param name="inverseSums">1 / the sums [blocks, queries].</param>
    /// <param name="context">[tokens, heads * head].</param>
    /// <param name="start">The part's first token.</param>
    public abstract void GatherNear(
        Tensor? fromPrompt, Tensor own, NearKeys near, ScoreRange range, HeadLayout layout, AttentionScope scope, Tensor inverseSums,
        Tensor context, long start);

    /// <summary>The gradient at a part's outputs head by head, and the sums of output times gradient.</summary>
    /// <param name="context">Outputs [tokens, heads * head].</param>
    /// <param name="gradient">At the outputs [tokens, heads * head].</param>
    /// <param name="layout">The part's heads.</param>
    /// <param name="start">The part's first token.</param>
    /// <param name="heads">[blocks, queries, head].</param>
    /// <param name="deltas">[blocks, queries], fp32.</param>
    public abstract void Scatter(Tensor context, Tensor gradient, HeadLayout layout, long start, Tensor heads, Tensor deltas);
}
