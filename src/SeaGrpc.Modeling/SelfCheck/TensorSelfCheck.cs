using static TorchSharp.torch;

namespace SeaGrpc.Modeling.SelfCheck;

/// <summary>Checks the operations that the models and algorithms use, on small tensors with known results.</summary>
/// <remarks>
/// TorchSharp's native library contains inlined code that reads a tensor's sizes, strides and data at fixed offsets. With a libtorch whose
/// tensors have another layout, every symbol is found but views have wrong sizes. So shapes and strides are checked as well as numbers.
/// </remarks>
public static class TensorSelfCheck
{
    private const double Tolerance = 1e-5;

    /// <summary>Runs all checks on a device.</summary>
    /// <param name="report">Receives each result.</param>
    /// <param name="device">cpu or cuda.</param>
    public static void Run(SelfCheckReport report, string device)
    {
        ArgumentNullException.ThrowIfNull(report);
        Device place = device;
        foreach ((string name, Action<Device> check) in Checks)
        {
            report.Run($"{name} on {device}", () =>
            {
                using var scope = NewDisposeScope();
                check(place);
            });
        }
    }

    private static (string Name, Action<Device> Check)[] Checks =>
    [
        ("tensors made in several ways", Creation),
        ("views", Views),
        ("indexing and joining", Indexing),
        ("arithmetic", Arithmetic),
        ("reductions", Reductions),
        ("matrix products", Products),
        ("attention", Attention),
        ("gradients", Gradients),
        ("number formats", Formats),
        ("random numbers", RandomNumbers),
    ];

    private static void Creation(Device device)
    {
        Expect("tensor", tensor((float[])[1, 2, 3, 4, 5, 6], [2, 3], device: device), [2, 3], [3, 1], [1, 2, 3, 4, 5, 6]);
        Expect("zeros", zeros([3, 1, 2], ScalarType.Float32, device), [3, 1, 2], [2, 2, 1], new double[6]);
        Expect("ones", ones([4], ScalarType.Float32, device), [4], [1], [1, 1, 1, 1]);
        Expect("full", TensorFilling.Filled([2, 2], 2.5, device), [2, 2], [2, 1], [2.5, 2.5, 2.5, 2.5]);
        Expect("full_like", TensorFilling.FilledLike(zeros([2, 2], ScalarType.Float32, device), 3), [2, 2], [2, 1], [3, 3, 3, 3]);
        Expect("arange", TensorFilling.Range(6, 2, device), [3], [1], [0, 2, 4]);
        Expect(
            "empty and copy_", empty([2, 3], ScalarType.Float32, device).copy_(Counting(device, 2, 3)), [2, 3], [3, 1], [0, 1, 2, 3, 4, 5]);
        ExpectEqual("sizes of empty", [7, 5, 3, 2, 2, 1], empty([7, 5, 3, 2, 2, 1], ScalarType.Float32, device).shape);
    }

    private static void Views(Device device)
    {
        Tensor x = Counting(device, 2, 3, 4);
        Expect("narrow", x.narrow(1, 1, 2), [2, 2, 4], [12, 4, 1], [4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23]);
        ExpectEqual("storage_offset of narrow", [4], [x.narrow(1, 1, 2).storage_offset()]);
        Expect("select", x.select(2, 3), [2, 3], [12, 4], [3, 7, 11, 15, 19, 23]);
        Expect("transpose", x.narrow(0, 0, 1).transpose(1, 2), [1, 4, 3], [12, 1, 4], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
        Expect("contiguous", x.narrow(0, 0, 1).transpose(1, 2).contiguous(), [1, 4, 3], [12, 3, 1], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
        Expect("view", x.view(6, 4).narrow(0, 4, 1), [1, 4], [4, 1], [16, 17, 18, 19]);
        Expect("reshape", x.narrow(2, 0, 2).reshape(3, 4), [3, 4], [4, 1], [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21]);
        Expect("expand", x.narrow(0, 0, 1).narrow(1, 0, 1).narrow(2, 0, 2).expand(3, 1, 2), [3, 1, 2], [0, 4, 1], [0, 1, 0, 1, 0, 1]);
        Expect("unsqueeze and squeeze", x.select(0, 0).select(0, 0).unsqueeze(0).unsqueeze(-1).squeeze(0), [4, 1], [1, 1], [0, 1, 2, 3]);
        Expect("flatten", x.narrow(1, 0, 1).flatten(0, 1), [2, 4], [12, 1], [0, 1, 2, 3, 12, 13, 14, 15]);
        Tensor[] parts = x.split([1, 3], 2);
        Expect("split", parts[1], [2, 3, 3], [12, 4, 1], [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23]);
        Expect("t", x.select(0, 0).t(), [4, 3], [1, 4], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
        Expect("as_strided", x.as_strided([2, 2], [8, 2], 1), [2, 2], [8, 2], [1, 3, 9, 11]);
        Tensor written = x.clone();
        written.narrow(0, 1, 1).copy_(zeros([1, 3, 4], ScalarType.Float32, device));
        Expect(
            "copy_ into a view", written, [2, 3, 4], [12, 4, 1],
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    private static void Indexing(Device device)
    {
        Tensor x = Counting(device, 3, 4);
        Tensor rows = tensor((long[])[2, 0], device: device);
        Expect("index_select", x.index_select(0, rows), [2, 4], [4, 1], [8, 9, 10, 11, 0, 1, 2, 3]);
        Expect("gather", x.gather(1, tensor((long[])[3, 1, 0], [3, 1], device: device)), [3, 1], [1, 1], [3, 5, 8]);
        Expect(
            "scatter",
            zeros([2, 3], ScalarType.Float32, device)
                .scatter(1, tensor((long[])[2, 0], [2, 1], device: device), ones([2, 1], ScalarType.Float32, device)),
            [2, 3], [3, 1], [0, 0, 1, 1, 0, 0]);
        Expect(
            "index_copy_", zeros([3, 2], ScalarType.Float32, device).index_copy_(0, rows, Counting(device, 2, 2)), [3, 2], [2, 1],
            [2, 3, 0, 0, 0, 1]);
        Expect("index_fill", x.FilledAt(1, rows, -1), [3, 4], [4, 1], [-1, 1, -1, 3, -1, 5, -1, 7, -1, 9, -1, 11]);
        Expect("masked_fill", x.FilledWhere(x.IsBelow(6), 0.5), [3, 4], [4, 1], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 6, 7, 8, 9, 10, 11]);
        Expect("cat", cat([x.narrow(1, 0, 1), x.narrow(1, 3, 1)], 1), [3, 2], [2, 1], [0, 3, 4, 7, 8, 11]);
        Expect("stack", stack([x.select(0, 0), x.select(0, 2)], 1), [4, 2], [2, 1], [0, 8, 1, 9, 2, 10, 3, 11]);
        Expect("where", where(x.IsBelow(2), x, x.neg()).narrow(0, 0, 1), [1, 4], [4, 1], [0, 1, -2, -3]);
    }

    private static void Arithmetic(Device device)
    {
        Tensor x = tensor((float[])[-1, 0, 2], device: device);
        Expect("add", x.Plus(x.Plus(1)), [3], [1], [-1, 1, 5]);
        Expect("mul and div", x.Times(3).DividedBy(2), [3], [1], [-1.5, 0, 3]);
        Expect("neg", x.neg(), [3], [1], [1, 0, -2]);
        Expect("pow", x.Squared(), [3], [1], [1, 0, 4]);
        Expect("exp", x.exp(), [3], [1], [0.36787944, 1, 7.3890561]);
        Expect("sqrt and rsqrt", x.Plus(2).sqrt().mul(x.Plus(2).rsqrt()), [3], [1], [1, 1, 1]);
        Expect("addcmul_", x.clone().AddProductInPlace(x, x, 2), [3], [1], [1, 0, 10]);
        Expect("addcdiv_", x.clone().AddQuotientInPlace(x, x.Plus(3), 3), [3], [1], [-2.5, 0, 3.2]);
        Expect("clamp_min_", x.clone().RaiseInPlace(-0.5), [3], [1], [-0.5, 0, 2]);
        Expect("silu", nn.functional.silu(x), [3], [1], [-0.26894142, 0, 1.7615942]);
        Expect("gelu", nn.functional.gelu(x), [3], [1], [-0.15865525, 0, 1.9544997]);
        Expect("tanh", x.tanh(), [3], [1], [-0.76159416, 0, 0.96402758]);
        Expect("sigmoid", x.sigmoid(), [3], [1], [0.26894142, 0.5, 0.88079708]);
        Expect("relu", nn.functional.relu(x), [3], [1], [0, 0, 2]);
        Expect("isfinite", x.DividedBy(0.0).isfinite().to(ScalarType.Float32), [3], [1], [0, 0, 0]);
    }

    private static void Reductions(Device device)
    {
        Tensor x = tensor((float[])[1, 3, 2, 0, 5, 4], [2, 3], device: device);
        Expect("sum", x.sum(-1), [2], [1], [6, 9]);
        Expect("mean", x.mean([0], keepdim: true), [1, 3], [3, 1], [0.5, 4, 3]);
        Expect("max", x.max(1).values, [2], [1], [3, 5]);
        Expect("argmax", x.argmax(-1), [2], [1], [1, 1]);
        (Tensor values, Tensor indexes) = x.topk(2, 1);
        Expect("topk", values, [2, 2], [2, 1], [3, 2, 5, 4]);
        Expect("topk's indices", indexes, [2, 2], [2, 1], [1, 2, 1, 2]);
        Expect("cumsum", x.cumsum(1), [2, 3], [3, 1], [1, 4, 6, 0, 5, 9]);
        Expect("logsumexp", x.logsumexp(-1), [2], [1], [3.4076059, 5.3181753]);
        Expect(
            "softmax", nn.functional.softmax(x, -1), [2, 3], [3, 1],
            [0.09003057, 0.66524096, 0.24472848, 0.00490169, 0.72747516, 0.26762315]);
        Expect(
            "log_softmax", nn.functional.log_softmax(x, -1), [2, 3], [3, 1],
            [-2.4076059, -0.4076059, -1.4076059, -5.3181753, -0.3181753, -1.3181753]);
    }

    private static void Products(Device device)
    {
        Tensor x = Counting(device, 2, 3);
        Tensor w = Counting(device, 4, 3);
        Expect("matmul", x.matmul(w.t()), [2, 4], [4, 1], [5, 14, 23, 32, 14, 50, 86, 122]);
        Expect(
            "linear", nn.functional.linear(x, w, tensor((float[])[1, 0, 0, -1], device: device)), [2, 4], [4, 1],
            [6, 14, 23, 31, 15, 50, 86, 121]);
        Expect("bmm", Counting(device, 2, 1, 2).bmm(Counting(device, 2, 2, 1)), [2, 1, 1], [1, 1, 1], [1, 13]);
    }

    private static void Attention(Device device)
    {
        // One head of size 2 over two positions: the first sees itself, the second sees both.
        Tensor q = tensor((float[])[1, 0, 0, 1], [1, 1, 2, 2], device: device);
        Tensor v = tensor((float[])[1, 2, 3, 4], [1, 1, 2, 2], device: device);
        // softmax([0, 1] / sqrt 2) = [0.3302384, 0.6697616].
        Expect(
            "scaled_dot_product_attention", nn.functional.scaled_dot_product_attention(q, q, v, is_casual: true).contiguous(), [1, 1, 2, 2],
            [4, 4, 2, 1],
            [1, 2, 2.3395231, 3.3395231]);
    }

    private static void Gradients(Device device)
    {
        using var enabled = enable_grad();
        Tensor x = tensor((float[])[1, 2, 3], device: device).requires_grad_(true);
        Tensor y = nn.functional.log_softmax(x, -1).narrow(0, 0, 1).sum();
        Tensor slope = autograd.grad([y], [x])[0];
        Expect("autograd.grad", slope, [3], [1], [0.90996943, -0.24472847, -0.66524096]);
        using var disabled = no_grad();
        ExpectEqual("requires_grad under no_grad", [0], [x.Times(2).requires_grad ? 1 : 0]);
        ExpectEqual("requires_grad of detach", [0], [x.detach().requires_grad ? 1 : 0]);
    }

    private static void Formats(Device device)
    {
        Tensor x = tensor((float[])[1.0039062f, -2.5f, 300], device: device);
        Expect("bfloat16", x.to(ScalarType.BFloat16), [3], [1], [1, -2.5, 300]);
        Expect("int64", x.to(ScalarType.Int64), [3], [1], [1, -2, 300]);
        Expect("float64", x.to(ScalarType.Float64), [3], [1], [1.0039062, -2.5, 300]);
        ExpectEqual("bytes", [0, 0, 128, 63], [.. ones([1]).bytes.ToArray().Select(number => (long)number)]);
        ExpectEqual("element size", [2], [x.to(ScalarType.BFloat16).ElementSize]);
    }

    private static void RandomNumbers(Device device)
    {
        using var first = new Generator(7, device);
        using var second = new Generator(7, device);
        Tensor drawn = rand([1000], ScalarType.Float32, device, generator: first);
        ExpectEqual("sizes of rand", [1000], drawn.shape);
        Expect(
            "rand of the same seed", rand([1000], ScalarType.Float32, device, generator: second).sub(drawn), [1000], [1], new double[1000]);
        double mean = drawn.mean().item<float>();
        Expect("mean of rand", Math.Abs(mean - 0.5) < 0.05, $"it is {mean}");
        Tensor normal = empty([1000], ScalarType.Float32, device).normal_(0, 2, first);
        double deviation = normal.std().item<float>();
        Expect("deviation of normal_", Math.Abs(deviation - 2) < 0.3, $"it is {deviation}");
        ExpectEqual(
            "multinomial of a sure thing", [2],
            [multinomial(tensor((float[])[0, 0, 1], device: device), 1, generator: first).item<long>()]);
    }

    private static Tensor Counting(Device device, params long[] shape)
    {
        long count = shape.Aggregate((left, right) => left * right);
        return tensor([.. Enumerable.Range(0, (int)count).Select(number => (float)number)], shape, device: device);
    }

    private static void Expect(string what, Tensor actual, long[] shape, long[] strides, double[] numbers)
    {
        ExpectEqual($"sizes of {what}", shape, actual.shape);
        ExpectEqual($"strides of {what}", strides, actual.stride());
        double[] found = [.. actual.to(ScalarType.Float64).cpu().contiguous().data<double>()];
        int wrong = Enumerable.Range(0, numbers.Length).FirstOrDefault(
            at => at >= found.Length || !(Math.Abs(found[at] - numbers[at]) <= Tolerance * Math.Max(1, Math.Abs(numbers[at]))), -1);
        Expect(
            what, wrong < 0
                && found.Length == numbers.Length,
                $"number {wrong} is {(wrong >= 0 && wrong < found.Length ? found[wrong] : double.NaN)}, not "
                    + $"{(wrong >= 0 ? numbers[wrong] : double.NaN)}");
    }

    private static void ExpectEqual(string what, IReadOnlyList<long> expected, IReadOnlyList<long> actual) =>
        Expect(what, expected.SequenceEqual(actual), $"[{string.Join(", ", actual)}], not [{string.Join(", ", expected)}]");

    private static void Expect(string what, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SelfCheckException($"{what}: {otherwise}");
        }
    }
}
