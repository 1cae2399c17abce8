using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Prefixes;

/// <summary>
/// The matrix products of a decoder's pass and nothing else, in the decoder's number format: every layer's projections, with weights of its
/// own, and attention against a prompt that all rows share. Attention to a row's own keys, a small fraction of this, is left out.
/// </summary>
internal sealed class ProductsAlone : IDisposable
{
    private readonly (Tensor Weight, Tensor Input, Tensor Output)[] _projections;
    private readonly (Tensor Queries, Tensor Keys)[] _attention;

    /// <param name="decoder">Whose shape and number format these have.</param>
    /// <param name="positions">Token positions of a pass.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    public ProductsAlone(TransformerDecoder decoder, long positions, long promptTokens)
    {
        TransformerConfig shape = decoder.Config;
        long heads = (long)shape.HeadCount * shape.HeadSize;
        long keys = (long)shape.KeyValueHeadCount * shape.HeadSize;
        long groups = shape.KeyValueHeadCount;
        Tensor Random(params long[] size) => randn(size).Times(0.02).to(decoder.Dtype).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        (long Inputs, long Outputs)[] sizes =
        [
            (shape.HiddenSize, heads + (2 * keys)), (heads, shape.HiddenSize), (shape.HiddenSize, 2L * shape.IntermediateSize),
            (shape.IntermediateSize, shape.HiddenSize),
        ];
        (Tensor Input, Tensor Output)[] buffers =
            [.. sizes.Select(size => (Random(positions, size.Inputs), Random(positions, size.Outputs)))];
        _projections =
        [
            .. Enumerable.Range(0, shape.LayerCount).SelectMany(_ => sizes.Select((size, index) =>
                (Random(size.Outputs, size.Inputs), buffers[index].Input, buffers[index].Output))),
        ];
        long queries = positions * (shape.HeadCount / groups);
        _attention =
        [
            .. Enumerable.Range(0, shape.LayerCount).Select(_ => (
                Random(groups, queries, shape.HeadSize), Random(groups, promptTokens, shape.HeadSize))),
        ];
    }

    /// <summary>The projections of one pass.</summary>
    public void Projections()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach ((Tensor weight, Tensor input, Tensor output) in _projections)
        {
            MatrixProducts.Forward(input, weight, null, output);
        }
    }

    /// <summary>The products of queries with the prompt's keys, and of their scores with its values, of one pass.</summary>
    public void Attention()
    {
        using var noGrad = no_grad();
        foreach ((Tensor queries, Tensor keys) in _attention)
        {
            using var scope = NewDisposeScope();
            bmm(bmm(queries, keys.transpose(1, 2)), keys);
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _projections.SelectMany(one => new[] { one.Weight, one.Input, one.Output })
            .Concat(_attention.SelectMany(one => new[] { one.Queries, one.Keys })))
        {
            tensor.Dispose();
        }
    }
}
