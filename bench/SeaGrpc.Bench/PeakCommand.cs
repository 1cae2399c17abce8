using System.CommandLine;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench;

/// <summary><c>peak</c>: the machine's matrix-product peak in both number formats, to choose the faster.</summary>
internal static class PeakCommand
{
    private const int Products = 8;
    private const int QuickProducts = 2;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var threads = BenchOptions.Threads();
        var quick = BenchOptions.Quick("Fewer products.");
        var json = BenchOptions.Json();
        var clock = BenchOptions.Clock();
        var command = new Command(
            "peak",
            "Speed of large matrix products on the CPU in float32 and bfloat16, to choose a number format (SeaGrpc:Models:Dtype).")
        {
            threads, clock, quick, json,
        };
        command.SetAction(parse =>
        {
            if (parse.GetValue(threads) > 0)
            {
                ComputeThreads.Set(parse.GetValue(threads));
            }

            int products = parse.GetValue(quick) ? QuickProducts : Products;
            ErrorLines.Write("products in float32 and bfloat16");
            double single = Measure(ModelDtype.Float32, products, parse.GetValue(clock));
            ProductSpeeds speeds = ProductSpeeds.Here();
            double half = speeds.IsFarSlower ? speeds.BFloat16 : Measure(ModelDtype.BFloat16, products, parse.GetValue(clock));
            using TextWriter output = StandardOutput.Open();
            output.WriteLine(
                parse.GetValue(json)
                    ? BenchJson.Of(
                        new
                        {
                            Threads = ComputeThreads.Count,
                            Clock = parse.GetValue(clock).ToString(),
                            Products = products,
                        },
                        new
                        {
                            Float32OperationsPerSecond = single,
                            Bfloat16OperationsPerSecond = half,
                            Faster = half > single ? "bfloat16" : "float32",
                            Auto = speeds.Faster == ModelDtype.BFloat16 ? "bfloat16" : "float32",
                        }
                    )
                    : string.Join(
                        '\n',
                        [
                            BenchJson.MachineLine(),
                            $"settings {ComputeThreads.Count} threads, {parse.GetValue(clock)} time, "
                                + $"the best of {products} products of 2048 x 2048",
                            "",
                            $"float32   {TextTable.Cell(single / 1e9, "0")} GFLOP/s",
                            $"bfloat16  {TextTable.Cell(half / 1e9, "0")} GFLOP/s, {TextTable.Cell(half / single, "0.00")} "
                                + $"times{(speeds.IsFarSlower ? ", of a small product: a large one would take seconds" : "")}",
                            "",
                            $"auto serves weights that are stored in 16 bits in {speeds.Summary()}",
                        ]
                    )
            );
            return ExitCodes.Success;
        });
        return command;
    }

    private static double Measure(ModelDtype dtype, int products, BenchClock clock)
    {
        using var peak = new MatrixPeak(dtype);
        peak.Measure(1, clock.Reading());
        return peak.Measure(products, clock.Reading());
    }
}
