using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Benchmarks;

/// <summary>The machine's own speed at large square matrix products, by the same library that runs the models. Owns its matrices.</summary>
public sealed class MatrixPeak : IDisposable
{
    private const int Size = 2048;
    private const int AcceleratorSize = 8192;
    private readonly Tensor left;
    private readonly Tensor right;

    /// <summary>Makes the matrices.</summary>
    /// <param name="dtype">The number format; <see cref="ModelDtype.Auto"/> is fp32.</param>
    /// <param name="onAccelerator">Whether on the first CUDA device; on the CPU otherwise.</param>
    public MatrixPeak(ModelDtype dtype, bool onAccelerator = false)
    {
        using var scope = NewDisposeScope();
        ScalarType format = dtype == ModelDtype.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        int size = onAccelerator ? AcceleratorSize : Size;
        Device device = onAccelerator ? CUDA : CPU;
        left = randn([size, size], device: device).to(format).DetachFromDisposeScope();
        right = randn([size, size], device: device).to(format).DetachFromDisposeScope();
    }

    /// <summary>Operations per second of the best of several products, a multiplication and an addition counted as two.</summary>
    /// <param name="products">How many products; at least 1.</param>
    /// <param name="clock">The time, as <see cref="IterationBench"/> takes it.</param>
    public double Measure(int products, Func<TimeSpan> clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        double best = 0;
        for (int product = 0; product < products; product++)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            TimeSpan start = clock();
            // Reading one number waits for the device.
            _ = matmul(left, right).select(0, 0).select(0, 0).to(ScalarType.Float32).item<float>();
            best = Math.Max(best, 2 * Math.Pow(left.shape[0], 3) / (clock() - start).TotalSeconds);
        }

        return best;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        left.Dispose();
        right.Dispose();
    }
}
