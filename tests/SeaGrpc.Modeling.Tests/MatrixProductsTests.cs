using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

public sealed class MatrixProductsTests
{
    private static readonly long[] Rows = [1, 2, 3, 4, 5, 6, 7, 13, 37];

    // So many rows in front that those after it are in several blocks of rows, where the width is large.
    private const int First = 195;

    // Widths and outputs that fill tiles, that leave some columns over, and that are read in several pieces.
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 1 }, { 16, 4 }, { 15, 3 }, { 64, 64 }, { 100, 131 }, { 576, 96 }, { 1040, 68 }, { 2065, 10 }, { 640, 3456 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Agree_with_sums_in_double_precision(int width, int outputs)
    {
        using var scope = NewDisposeScope();
        (Tensor weight, Tensor bias) = (Random(1, outputs, width), Random(2, outputs));
        foreach (long rows in Rows)
        {
            (Tensor input, Tensor gradient) = (Random(3, rows, width), Random(4, rows, outputs));
            (Tensor output, Tensor plain, Tensor back) = (empty(rows, outputs), empty(rows, outputs), empty(rows, width));
            MatrixProducts.Forward(input, weight, bias, output);
            MatrixProducts.Forward(input, weight, null, plain);
            MatrixProducts.Backward(gradient, weight, back);
            (Tensor x, Tensor w, Tensor b, Tensor dy) = (Double(input), Double(weight), Double(bias), Double(gradient));
            AssertNear(nn.functional.linear(x, w, b), output, width);
            AssertNear(x.matmul(w.t()), plain, width);
            AssertNear(x.matmul(w.t()), MatrixProducts.Linear(input, weight), width);
            AssertNear(dy.matmul(w), back, outputs);
            AssertNear(dy.matmul(w), MatrixProducts.Gradient(gradient, weight), outputs);
            MatrixProducts.AddTo(plain, input, weight);
            AssertNear(x.matmul(w.t()).mul_(tensor(2.0)), plain, 4 * width);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_rows_bits_depend_neither_on_other_rows_nor_on_threads(int width, int outputs)
    {
        if (!MatrixProducts.AreOwn)
        {
            // PackedBatchTests hold libtorch's products to what they can keep.
            return;
        }

        using var scope = NewDisposeScope();
        Tensor weight = Random(1, outputs, width);
        (Tensor inputs, Tensor gradients) = (Random(3, 250, width), Random(4, 250, outputs));
        (Tensor output, Tensor back) = (empty(250, outputs), empty(250, width));
        MatrixProducts.Forward(inputs, weight, null, output, threads: 1);
        MatrixProducts.Backward(gradients, weight, back, threads: 1);
        foreach (long rows in Rows)
        {
            foreach (int threads in (int[])[1, 2, 3, 8])
            {
                (Tensor some, Tensor someBack) = (empty(rows, outputs), empty(rows, width));
                MatrixProducts.Forward(inputs.narrow(0, First, rows), weight, null, some, threads);
                MatrixProducts.Backward(gradients.narrow(0, First, rows), weight, someBack, threads);
                Assert.Equal(Numbers(output.narrow(0, First, rows)), Numbers(some));
                Assert.Equal(Numbers(back.narrow(0, First, rows)), Numbers(someBack));
            }
        }
    }

    // Outputs that fill tiles and that leave some over; one that is not computed by the own kernel.
    [Theory]
    [InlineData(32, 4)]
    [InlineData(96, 131)]
    [InlineData(576, 64)]
    [InlineData(100, 12)]
    public void A_few_rows_in_bfloat16_agree_with_sums_in_double_precision(int width, int outputs)
    {
        using var scope = NewDisposeScope();
        (Tensor weight, Tensor bias) = (Half(1, outputs, width), Half(2, outputs));
        foreach (long rows in Rows)
        {
            Tensor input = Half(3, rows, width);
            (Tensor output, Tensor plain) = (empty([rows, outputs], ScalarType.BFloat16), empty([rows, outputs], ScalarType.BFloat16));
            MatrixProducts.Forward(input, weight, bias, output);
            MatrixProducts.Forward(input, weight, null, plain);
            (Tensor x, Tensor w) = (Double(input), Double(weight));
            AssertNearHalf(nn.functional.linear(x, w, Double(bias)), output);
            AssertNearHalf(x.matmul(w.t()), plain);
            AssertNearHalf(x.matmul(w.t()), MatrixProducts.Linear(input, weight));
            AssertNearHalf(x.matmul(w.t()), MatrixProducts.Linear(input.view(1, rows, width), weight).squeeze(0));
        }
    }

    [Fact]
    public void The_bits_of_a_few_rows_in_bfloat16_depend_neither_on_other_rows_nor_on_threads()
    {
        if (!MatrixProducts.AreOwn)
        {
            return;
        }

        using var scope = NewDisposeScope();
        (Tensor inputs, Tensor weight) = (Half(3, 13, 1024), Half(1, 2050, 1024));
        Tensor output = empty([13, 2050], ScalarType.BFloat16);
        MatrixProducts.ForwardFew(inputs, weight, null, output, threads: 1);
        foreach (long rows in Rows.Where(rows => rows <= 13))
        {
            foreach (int threads in (int[])[1, 2, 3, 8])
            {
                Tensor some = empty([rows, 2050], ScalarType.BFloat16);
                MatrixProducts.ForwardFew(inputs.narrow(0, 13 - rows, rows), weight, null, some, threads);
                Assert.Equal(
                    Numbers(output.narrow(0, 13 - rows, rows).to(ScalarType.Float32)), Numbers(some.to(ScalarType.Float32)));
            }
        }
    }

    [Fact]
    public void With_gradients_the_graph_is_libtorchs()
    {
        using var scope = NewDisposeScope();
        (Tensor input, Tensor weight) = (Random(1, 3, 32).requires_grad_(true), Random(2, 8, 32));
        MatrixProducts.Linear(input, weight).sum().backward();
        AssertNear(ones(3, 8, ScalarType.Float64).matmul(Double(weight)), input.grad!, 8);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Other_formats_and_layouts_are_libtorchs(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        (Tensor input, Tensor weight) = (Random(1, 3, 48).to(dtype), Random(2, 8, 48).to(dtype));
        Assert.Equal(nn.functional.linear(input, weight), MatrixProducts.Linear(input, weight));
        Tensor turned = Random(2, 32, 8).t();
        AssertNear(Double(Random(1, 3, 32)).matmul(Double(turned).t()), MatrixProducts.Linear(Random(1, 3, 32), turned), 32);
    }

    private static Tensor Random(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return randn(shape, generator: generator);
    }

    private static Tensor Half(ulong seed, params long[] shape) => Random(seed, shape).to(ScalarType.BFloat16);

    private static Tensor Double(Tensor tensor) => tensor.detach().to(ScalarType.Float64);

    private static float[] Numbers(Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    // The products are of numbers of size 1; their sum's rounding grows with the root of how many there are.
    private static void AssertNear(Tensor expected, Tensor actual, long terms) =>
        Assert.InRange((expected - Double(actual)).abs().max().item<double>(), 0, 1e-5 * Math.Sqrt(terms));

    // The sums are rounded to eight bits.
    private static void AssertNearHalf(Tensor expected, Tensor actual)
    {
        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        Assert.All(
            expected.data<double>().ToArray().Zip(Double(actual).contiguous().data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, Math.Max(1e-4, Math.Abs(pair.First) / 256)));
    }
}
