using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The operations between attention's matrix products on CPU tensors, each in one pass over memory, with their backward passes: splitting
/// and merging heads, rotation, and the softmax of the scores.
/// </summary>
internal abstract class AttentionKernels
{
    private static readonly AttentionKernels Single = new AttentionKernels<float, SingleFormat>();
    private static readonly AttentionKernels BFloat16 = new AttentionKernels<ushort, BFloat16Format>();

    /// <summary>The kernels for a number format, or null if there are none.</summary>
    public static AttentionKernels? Of(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => Single,
        ScalarType.BFloat16 => BFloat16,
        _ => null,
    };

    /// <summary>Splits the tokens of one part into heads, and rotates them.</summary>
    /// <param name="fused">Queries, keys and values of all tokens [tokens, fused].</param>
    /// <param name="part">The part of the batch.</param>
    /// <param name="layout">Layout of its heads.</param>
    /// <param name="norms">The heads' norms.</param>
    /// <param name="config">The decoder's configuration.</param>
    /// <param name="query">Receives the queries [blocks, queries, head].</param>
    /// <param name="keys">Where the new keys are written.</param>
    /// <param name="values">Where the new values are written.</param>
    public abstract void Split(
        Tensor fused, PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, Tensor query, CachePlace keys,
        CachePlace values);

    /// <summary>The gradient at a part's tokens [tokens, fused], from the gradients at its heads.</summary>
    /// <param name="part">The part of the batch.</param>
    /// <param name="layout">Layout of its heads.</param>
    /// <param name="norms">The heads' norms.</param>
    /// <param name="config">The decoder's configuration.</param>
    /// <param name="gradients">Gradients at queries [blocks, queries, head], and at keys and values [blocks, positions, head].</param>
    /// <param name="fused">Queries, keys and values before norms and rotation [tokens, fused]; null if heads have no norm.</param>
    /// <param name="result">Receives the gradient [tokens, fused].</param>
    public abstract void Merge(
        PackedPass part, HeadLayout layout, HeadNorms norms, TransformerConfig config, (Tensor Query, Tensor Key, Tensor Value) gradients,
        Tensor? fused, Tensor result);

    /// <summary>The scores of a range against keys that are read in place.</summary>
    /// <param name="query">Queries of all blocks [blocks, queries, head].</param>
    /// <param name="near">The keys.</param>
    /// <param name="range">The range of blocks and queries.</param>
    /// <param name="layout">Layout of the part's heads.</param>
    /// <param name="scope">The keys that the queries see.</param>
    /// <param name="scores">Receives the scores of the range [blocks, queries, keys].</param>
    public abstract void Scores(
        Tensor query, NearKeys near, ScoreRange range, HeadLayout layout, AttentionScope scope, Tensor scores);

    /// <summary>The scores of a range against the prompt's keys, which are read in place.</summary>
    /// <param name="query">Queries of all blocks [blocks, queries, head].</param>
    /// <param name="keys">The keys [rows or 1, groups, keys, head].</param>
    /// <param name="range">The range of blocks and queries.</param>
    /// <param name="layout">Layout of the part's heads.</param>
    /// <param name="scores">Receives the scores of the range [blocks, queries, keys].</param>
    public abstract void PromptScores(Tensor query, Tensor keys, ScoreRange range, HeadLayout layout, Tensor scores);

    /// <summary>The prompt's values, which are read in place, weighted by a softmax.</summary>
    /// <param name="weights">The softmax of a range over the prompt's keys [blocks, queries, keys], not divided by its sum.</param>
    /// <param name="values">The values [rows or 1, groups, keys, head].</param>
    /// <param name="range">The range of blocks and queries.</param>
    /// <param name="layout">Layout of the part's heads.</param>
    /// <param name="outputs">Receives the outputs [blocks, queries, head].</param>
    public abstract void PromptOutputs(Tensor weights, Tensor values, ScoreRange range, HeadLayout layout, Tensor outputs);

    /// <summary>The softmax of a range's scores, not divided by its sum.</summary>
    /// <param name="prompt">Scores against the prompt's keys, [..., keys], or null.</param>
    /// <param name="own">Scores against the rows' own keys [blocks, queries, keys].</param>
    /// <param name="range">The range of blocks and queries.</param>
    /// <param name="scope">The keys that the queries see.</param>
    /// <param name="logSums">Logarithms of the sums of all blocks [blocks, queries], fp32. Those of the range are written.</param>
    /// <param name="inverseSums">Reciprocals of the sums, in the same shape. Those of the range are written.</param>
    public abstract void Softmax(Tensor? prompt, Tensor own, ScoreRange range, AttentionScope scope, Tensor logSums, Tensor inverseSums);

    /// <summary>
    /// Backward pass of the softmax. <paramref name="own"/> becomes the softmax, and the gradients become those at the scores.
    /// </summary>
    public abstract void SoftmaxBackward(
        (Tensor Scores, Tensor Gradients)? prompt, (Tensor Scores, Tensor Gradients) own, ScoreRange range, AttentionScope scope,
        Tensor logSums, Tensor deltas);

    /// <summary>Divides a range's outputs by the sums and writes them to their tokens.</summary>
    /// <param name="fromPrompt">The output from the prompt's values [.., head], or null.</param>
    /// <param name="fromOwn">The output from the rows' own values.</param>
    /// <param name="range">The range of blocks and queries.</param>
    /// <param name="layout">Layout of the part's heads.</param>
    /// <param name="inverseSums">Reciprocals of the sums [blocks, queries].</param>
    /// <param name="context">Receives the outputs [tokens, heads * head].</param>
    /// <param name="start">First token of the part.</param>
    public abstract void Gather(
        Tensor? fromPrompt, Tensor fromOwn, ScoreRange range, HeadLayout layout, Tensor inverseSums, Tensor context, long start);

    /// <summary>The same, with the rows' own values read in place.</summary>
    /// <param name="fromPrompt">The output from the prompt's values [.., head], or null.</param>
    /// <param name="own">The softmax of the range over the rows' own keys [blocks, queries, keys], not divided by its sum.</param>
    /// <param name="near">The values.</param>
    /// <param name="range">The range of blocks and queries.</param>
    /// <param name="layout">Layout of the part's heads.</param>
    /// <param name="scope">The keys that the queries see.</param>
    /// <param name="inverseSums">Reciprocals of the sums [blocks, queries].</param>
    /// <param name="context">Receives the outputs [tokens, heads * head].</param>
    /// <param name="start">First token of the part.</param>
    public abstract void GatherNear(
        Tensor? fromPrompt, Tensor own, NearKeys near, ScoreRange range, HeadLayout layout, AttentionScope scope, Tensor inverseSums,
        Tensor context, long start);

    /// <summary>Splits the gradient at a part's outputs into heads, and computes the sums of output times gradient.</summary>
    /// <param name="context">Outputs [tokens, heads * head].</param>
    /// <param name="gradient">Gradient at the outputs [tokens, heads * head].</param>
    /// <param name="layout">Layout of the part's heads.</param>
    /// <param name="start">First token of the part.</param>
    /// <param name="heads">Receives the gradients [blocks, queries, head].</param>
    /// <param name="deltas">Receives the sums [blocks, queries], fp32.</param>
    public abstract void Scatter(Tensor context, Tensor gradient, HeadLayout layout, long start, Tensor heads, Tensor deltas);
}
