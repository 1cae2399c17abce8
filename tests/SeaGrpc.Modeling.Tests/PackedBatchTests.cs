using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>What the bits of a batch's numbers rest on.</summary>
public sealed class PackedBatchTests
{
    // Sizes of the embedded models, and of one with 160 million weights.
    [Theory]
    [InlineData(1, 128, 1167)]
    [InlineData(4, 128, 384)]
    [InlineData(4, 384, 128)]
    [InlineData(12, 768, 2304)]
    [InlineData(8, 3072, 768)]
    [InlineData(1, 768, 32_000)]
    [InlineData(100, 768, 32_000)]
    public void A_row_of_a_product_does_not_depend_on_how_many_there_are(int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(1);
        Tensor weight = randn([outputs, inputs], generator: generator);
        Tensor states = randn([256, inputs], generator: generator);
        float[] many = Rows(states, 256, weight);
        Assert.Equal(many[..(rows * outputs)], Rows(states, rows, weight));
        Assert.Equal(many[..(20 * outputs)], Rows(states, 20, weight));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 13)]
    [InlineData(ScalarType.BFloat16, 0)]
    public void Only_libtorchs_products_in_float32_are_padded(ScalarType dtype, int padding)
    {
        Assert.Equal(padding, new PackedBatch([], 3, CPU, dtype, withGraph: true).Padding);
        Assert.Equal(MatrixProducts.AreOwn ? 0 : padding, new PackedBatch([], 3, CPU, dtype, withGraph: false).Padding);
        using Tensor states = zeros([3, 8], dtype);
        using Tensor filled = PackedBatch.Filled([states]);
        Assert.Equal([MatrixProducts.AreOwn ? 3 : 3 + padding, 8], filled.shape);
    }

    private static float[] Rows(Tensor all, int rows, Tensor weight) =>
        MatrixProducts.Linear(PackedBatch.Filled([all.narrow(0, 0, rows)]), weight).narrow(0, 0, rows).data<float>().ToArray();
}
