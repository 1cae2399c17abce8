using SeaGrpc.Modeling.Transformer.Cpu;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>The kernels over rows as wide as the vocabulary, against libtorch's operators.</summary>
public sealed class VocabularyKernelsTests
{
    private const int Rows = 5;
    private const float Tolerance = 2e-6f;

    public static TheoryData<int, double> Cases
    {
        get
        {
            var cases = new TheoryData<int, double>();
            foreach (int width in new[] { 5, 7, 8, 9, 1167, 32_000 })
            {
                cases.Add(width, 1);
                cases.Add(width, 0.7);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Softmax_gives_both_forms(int width, double scale)
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits(width, masked: false).Times((float)(3 * scale));
        Tensor expected = nn.functional.log_softmax(logits, -1);
        Tensor actual = empty_like(logits);
        Tensor probabilities = logits.clone();
        VocabularyKernels.Softmax(probabilities, actual);
        AssertNear(expected, actual);
        AssertNear(expected.exp(), probabilities);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_way_back_is_the_softmax_s_Jacobian(int width, double temperature)
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits(width, masked: true);
        Tensor gradient = Logits(width, masked: false, seed: 2);
        Tensor leaf = logits.clone().requires_grad_(true);
        Tensor expected = autograd.grad([(nn.functional.softmax(leaf.DividedBy((float)temperature), -1) * gradient).sum()], [leaf])[0];
        Tensor actual = empty_like(gradient);
        VocabularyKernels.SoftmaxBackward(logits, gradient, actual, temperature);
        AssertNear(expected.nan_to_num(0), actual);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_divergence_leaves_masked_tokens_out(int width, double temperature)
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits(width, masked: true);
        Tensor reference = nn.functional.log_softmax(Logits(width, masked: false, seed: 3), -1);
        Tensor own = nn.functional.log_softmax(logits.DividedBy((float)temperature), -1);
        Tensor expected = (own.exp() * (own - reference)).nan_to_num(0).sum(-1);
        AssertNear(expected, VocabularyKernels.Divergence(logits, temperature, reference));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1167)]
    public void Adam_is_libtorch_s(int width)
    {
        using var scope = NewDisposeScope();
        Tensor actual = Logits(width, masked: false);
        Tensor expected = actual.clone().requires_grad_(true);
        using var optimizer = optim.Adam([new TorchSharp.Modules.Parameter(expected)], lr: 0.05);
        Tensor mean = zeros_like(actual);
        Tensor square = zeros_like(actual);
        Tensor parameter = optimizer.parameters().Single();
        for (int step = 1; step <= 4; step++)
        {
            Tensor gradient = Logits(width, masked: false, seed: (ulong)step + 4);
            parameter.grad = gradient;
            optimizer.step();
            VocabularyKernels.AdamStep(
                actual, gradient, (mean, square), TensorFilling.Filled([Rows, 1], 0.05, CPU), new AdamSettings(0.9, 0.999, 1e-8, step));
        }

        AssertNear(parameter.detach(), actual);
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits(20, masked: false);
        logits[1, 3] = tensor(float.NaN);
        Tensor result = empty_like(logits);
        VocabularyKernels.SoftmaxBackward(logits, ones_like(logits), result, 1);
        Assert.True(float.IsNaN(result[1, 0].item<float>()));
        Assert.False(float.IsNaN(result[0, 0].item<float>()));
    }

    [Fact]
    public void Other_shapes_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.False(VocabularyKernels.Serve(zeros([3, 4], dtype: ScalarType.Float64)));
        Assert.False(VocabularyKernels.Serve(zeros([4, 3]).t()));
        Assert.Throws<ArgumentException>(() => VocabularyKernels.Softmax(zeros([2, 3]), zeros([2, 4])));
    }

    /// <summary>Against double precision, over all that a softmax and a gate ask for.</summary>
    [Fact]
    public void The_exponential_is_right_to_two_units_in_the_last_place()
    {
        for (double x = -87; x < 88.6; x += 0.0137)
        {
            var input = System.Runtime.Intrinsics.Vector256.Create((float)x);
            double expected = Math.Exp((float)x);
            Assert.InRange(Vectors.Exp(input)[0], expected * (1 - 2.4e-7), expected * (1 + 2.4e-7));
        }

        Assert.Equal(0, Vectors.Exp(System.Runtime.Intrinsics.Vector256.Create(float.NegativeInfinity))[0]);
        Assert.Equal(float.PositiveInfinity, Vectors.Exp(System.Runtime.Intrinsics.Vector256.Create(90f))[0]);
        Assert.True(float.IsNaN(Vectors.Exp(System.Runtime.Intrinsics.Vector256.Create(float.NaN))[0]));
    }

    private static Tensor Logits(int width, bool masked, ulong seed = 1)
    {
        using var generator = new Generator(seed);
        Tensor logits = randn([Rows, width], generator: generator);
        if (masked)
        {
            logits.narrow(1, width / 2, 1).copy_(tensor(float.NegativeInfinity));
        }

        return logits;
    }

    private static void AssertNear(Tensor expected, Tensor actual) =>
        Assert.InRange(((actual - expected).norm() / expected.norm()).item<float>(), 0, Tolerance);
}
