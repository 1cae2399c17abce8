using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>How fast the CPU multiplies matrices in each number format: what <see cref="ModelDtype.Auto"/> chooses by.</summary>
/// <param name="Float32">Operations per second in float32, a multiplication and an addition counted as two.</param>
/// <param name="BFloat16">The same in bfloat16.</param>
/// <param name="Threads">Threads of one product.</param>
public sealed record ProductSpeeds(double Float32, double BFloat16, int Threads)
{
    /// <summary>How many times as fast bfloat16 must be to be chosen.</summary>
    /// <remarks>
    /// Only products gain: norms, softmax and steps over the vocabulary stay in float32, or convert to it and back. Where products are two
    /// thirds of an iteration, 1.5 times takes a fifth off it; less is not worth rounded numbers.
    /// </remarks>
    public const double ClearlyFaster = 1.5;

    /// <summary>Rows of an iteration: four chains of 64 positions.</summary>
    private const int Rows = 256;

    private const int Size = 2048;
    private const int Rounds = 3;

    /// <summary>
    /// A product small enough for a processor without instructions for bfloat16, which may take a thousandth of float32's speed.
    /// </summary>
    private const int TrialRows = 16;

    private const int TrialSize = 512;

    /// <summary>A trial product slower by this factor has no instructions of its own.</summary>
    private const double FarSlower = 4;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(0.2);
    private static readonly Dictionary<int, ProductSpeeds> Measured = [];

    /// <summary>How many times as fast as in float32 products are in bfloat16.</summary>
    public double Ratio => BFloat16 / Float32;

    /// <summary>
    /// Whether the processor has no instructions for bfloat16: then its speed is that of a small product, since a large one would take
    /// seconds.
    /// </summary>
    public bool IsFarSlower => Ratio * FarSlower < 1;

    /// <summary>The format that they speak for.</summary>
    public ModelDtype Faster => Ratio >= ClearlyFaster ? ModelDtype.BFloat16 : ModelDtype.Float32;

    /// <summary>
    /// The speeds of this machine with the threads that there are now (<see cref="ComputeThreads.Count"/>): measured when first asked for,
    /// in some tenths of a second, and the same for the rest of the process. Thread-safe.
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

    /// <summary>The choice and its reason, in one line for people; speeds in GFLOP/s.</summary>
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

    /// <summary>The formats take turns, so that both see the same neighbours on the machine.</summary>
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
