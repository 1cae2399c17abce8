using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>
/// Measures how fast the CPU multiplies matrices in each number format, which <see cref="ModelDtype.Auto"/> uses to choose one.
/// </summary>
/// <param name="Float32">Operations per second in float32. A multiplication and an addition count as two operations.</param>
/// <param name="BFloat16">Operations per second in bfloat16.</param>
/// <param name="Threads">Number of threads per product.</param>
public sealed record ProductSpeeds(double Float32, double BFloat16, int Threads)
{
    /// <summary>Minimum ratio of bfloat16 to float32 speed at which bfloat16 is chosen.</summary>
    /// <remarks>
    /// Only products become faster: norms, softmax and steps over the vocabulary stay in float32, or convert to it and back. If products
    /// are two thirds of an iteration, a ratio of 1.5 saves two ninths of it. Less is not worth the rounding.
    /// </remarks>
    public const double ClearlyFaster = 1.5;

    /// <summary>Rows of an iteration: four chains of 64 positions.</summary>
    private const int Rows = 256;

    private const int Size = 2048;
    private const int Rounds = 3;

    /// <summary>
    /// Rows of a product small enough for a processor without bfloat16 instructions, which may be a thousand times slower than in float32.
    /// </summary>
    private const int TrialRows = 16;

    private const int TrialSize = 512;

    /// <summary>If the trial product is slower by this factor, the processor has no bfloat16 instructions.</summary>
    private const double FarSlower = 4;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(0.2);
    private static readonly Dictionary<int, ProductSpeeds> Measured = [];

    /// <summary>Speed in bfloat16 divided by speed in float32.</summary>
    public double Ratio => BFloat16 / Float32;

    /// <summary>
    /// Whether the processor has no bfloat16 instructions. Its speed is then that of a small product, because a large one would take
    /// seconds.
    /// </summary>
    public bool IsFarSlower => Ratio * FarSlower < 1;

    /// <summary>The faster format by this measurement.</summary>
    public ModelDtype Faster => Ratio >= ClearlyFaster ? ModelDtype.BFloat16 : ModelDtype.Float32;

    /// <summary>
    /// The speeds of this machine with the current number of threads (<see cref="ComputeThreads.Count"/>). They are measured on the first
    /// call, which takes some tenths of a second, and stay the same for the rest of the process. Thread-safe.
    /// </summary>
    public static ProductSpeeds Here()
    {
        lock (Measured)
        {
            int threads = ComputeThreads.Count;
            if (!Measured.TryGetValue(threads, out ProductSpeeds? speeds))
            {
                Measured[threads] = speeds = Measure(threads);
            }

            return speeds;
        }
    }

    /// <summary>The choice and its reason, in one line. Speeds are in GFLOP/s.</summary>
    public string Summary()
    {
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{BFloat16 / 1e9:0.#} against {Float32 / 1e9:0.#} GFLOP/s, {Threads} {(Threads == 1 ? "thread" : "threads")}");
        return Faster == ModelDtype.BFloat16
            ? string.Create(CultureInfo.InvariantCulture, $"bfloat16: {Ratio:0.0} times as fast as float32 here ({figures})")
            : string.Create(CultureInfo.InvariantCulture, $"float32: bfloat16 is {Ratio:G2} times as fast here ({figures})");
    }

    private static ProductSpeeds Measure(int threads)
    {
        ProductSpeeds trial = Best(threads, TrialRows, TrialSize);
        return trial.IsFarSlower ? trial : Best(threads, Rows, Size);
    }

    /// <summary>The formats take turns, so that other load on the machine affects both equally.</summary>
    private static ProductSpeeds Best(int threads, int rows, int size)
    {
        using var single = new MatrixPeak(ModelDtype.Float32, rows, size, CPU);
        using var half = new MatrixPeak(ModelDtype.BFloat16, rows, size, CPU);
        Func<TimeSpan> clock = () => Stopwatch.GetElapsedTime(0);
        single.Measure(1, clock);
        half.Measure(1, clock);
        ProductSpeeds best = new(0, 0, threads);
        TimeSpan start = clock();
        for (int round = 0; round == 0 || (round < Rounds && clock() - start < Longest); round++)
        {
            best = new ProductSpeeds(
                Math.Max(best.Float32, single.Measure(1, clock)), Math.Max(best.BFloat16, half.Measure(1, clock)), threads);
        }

        return best;
    }
}
