using System.CommandLine;
using System.Globalization;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Bench;

/// <summary>
/// <c>products</c>: the layers' own products against libtorch's, from one row of tokens to many: in float32, and forward in bfloat16.
/// </summary>
internal static class ProductsCommand
{
    /// <summary>Weights of so many bytes together are read in turn, so that they come from memory, as a model's do.</summary>
    private const long WeightBytes = 96_000_000;

    private static readonly long[] Rows = [1, 2, 4, 8, 10, 12, 16, 32, 64, 128, 256, 1024];
    private static readonly long[] QuickRows = [1, 16];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var inputs = BenchOptions.Count("--inputs", "Inputs of the weight.", 768);
        var outputs = BenchOptions.Count("--outputs", "Outputs of the weight.", 3072);
        var threads = BenchOptions.Threads();
        var clock = BenchOptions.Clock();
        var quick = BenchOptions.Quick("Two numbers of rows.");
        var json = BenchOptions.Json();
        var command = new Command(
            "products",
            "Products of rows with a weight on the CPU, and of gradients with it: the layers' own kernels against libtorch's. In bfloat16, "
            + "where the layers use their own kernel for a few rows only, forward alone.")
        {
            inputs, outputs, threads, clock, quick, json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            if (!MatrixProducts.AreOwn)
            {
                throw new CliException(
                    "This processor has no 512-bit vectors that .NET uses: libtorch computes the products. There is nothing to compare.",
                    ExitCodes.Failure);
            }

            BenchClock reading = parse.GetValue(clock);
            (int width, int height) = (parse.GetValue(inputs), parse.GetValue(outputs));
            Figures[] figures = Measure(
                parse.GetValue(quick) ? QuickRows : Rows, width, height, reading.Reading());
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(parse.GetValue(json)
                ? BenchJson.Of(
                    new { Threads = ComputeThreads.Count, Clock = reading.ToString(), Inputs = width, Outputs = height }, figures)
                : string.Join(
                    '\n',
                    [
                        BenchJson.MachineLine(),
                        $"settings a weight of {height} x {width}, {ComputeThreads.Count} threads, {reading} time, the best of three",
                        "",
                        TextTable.Of(
                            [
                                "rows", "forward ms, libtorch", "own", "faster", "gradient ms, libtorch", "own", "faster",
                                "bfloat16 forward ms, libtorch", "own", "faster",
                            ],
                            figures.Select(Row)),
                    ]));
            return ExitCodes.Success;
        });
        return command;
    }

    private static Figures[] Measure(long[] counts, int width, int height, Func<TimeSpan> clock)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor[] weights =
        [
            .. Enumerable.Range(0, (int)Math.Clamp(WeightBytes / (4L * width * height), 1, 1000)).Select(_ => randn(height, width)),
        ];
        Tensor[] halves = [.. weights.Concat(weights).Select(weight => weight.to(ScalarType.BFloat16))];
        return [.. counts.Select(rows => Measure(rows, weights, halves, clock))];
    }

    private static Figures Measure(long rows, Tensor[] weights, Tensor[] halves, Func<TimeSpan> clock)
    {
        using var scope = NewDisposeScope();
        (long height, long width) = (weights[0].shape[0], weights[0].shape[1]);
        // libtorch's products need rows of zeros where there are few, or a row's bits depend on how many others there are.
        long padded = rows + new PackedBatch([], rows, CPU, ScalarType.Float32, withGraph: true).Padding;
        (Tensor input, Tensor gradient) = (randn(padded, width), randn(padded, height));
        (Tensor output, Tensor back) = (empty(padded, height), empty(padded, width));
        (Tensor few, Tensor fewGradients) = (input.narrow(0, 0, rows), gradient.narrow(0, 0, rows));
        (Tensor fewOutputs, Tensor fewBack) = (output.narrow(0, 0, rows), back.narrow(0, 0, rows));
        (Tensor halfInput, Tensor halfOutput) = (few.to(ScalarType.BFloat16), empty([rows, height], ScalarType.BFloat16));
        int threads = ComputeThreads.Count;
        return new Figures(
            rows,
            Best(weight => output.addmm_(input, weight.t(), 0, 1)),
            Best(weight => MatrixProducts.Forward(few, weight, null, fewOutputs, threads)),
            Best(weight => back.addmm_(gradient, weight, 0, 1)),
            Best(weight => MatrixProducts.Backward(fewGradients, weight, fewBack, threads)))
        {
            Half = Best(weight => halfOutput.addmm_(halfInput, weight.t(), 0, 1), halves),
            OwnHalf = MatrixProducts.HasFewRowsKernel(width)
                ? Best(weight => MatrixProducts.ForwardFew(halfInput, weight, null, halfOutput, threads), halves)
                : null,
        };

        double Best(Action<Tensor> product, Tensor[]? of = null)
        {
            of ??= weights;
            product(of[0]);
            return Enumerable.Range(0, 3).Min(_ =>
            {
                using var within = NewDisposeScope();
                TimeSpan start = clock();
                Array.ForEach(of, product);
                return (clock() - start).TotalSeconds / of.Length;
            });
        }
    }

    private static string[] Row(Figures one) =>
    [
        one.Rows.ToString(CultureInfo.InvariantCulture),
        TextTable.Cell(one.Forward * 1e3, "0.000"),
        TextTable.Cell(one.OwnForward * 1e3, "0.000"),
        TextTable.Cell(one.Forward / one.OwnForward, "0.00"),
        TextTable.Cell(one.Gradient * 1e3, "0.000"),
        TextTable.Cell(one.OwnGradient * 1e3, "0.000"),
        TextTable.Cell(one.Gradient / one.OwnGradient, "0.00"),
        TextTable.Cell(one.Half * 1e3, "0.000"),
        one.OwnHalf is { } own ? TextTable.Cell(own * 1e3, "0.000") : "-",
        one.OwnHalf is { } half ? TextTable.Cell(one.Half / half, "0.00") : "-",
    ];

    /// <summary>Seconds of a product.</summary>
    /// <param name="Rows">Number of rows.</param>
    /// <param name="Forward">libtorch's, forward.</param>
    /// <param name="OwnForward">The own one.</param>
    /// <param name="Gradient">libtorch's, of a gradient.</param>
    /// <param name="OwnGradient">The own one.</param>
    private sealed record Figures(long Rows, double Forward, double OwnForward, double Gradient, double OwnGradient)
    {
        /// <summary>libtorch's, forward in bfloat16.</summary>
        public required double Half { get; init; }

        /// <summary>The own one; null if it does not do this width.</summary>
        public required double? OwnHalf { get; init; }
    }
}
