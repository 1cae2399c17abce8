using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Measures the machine's speed at large matrix products, computed as the models' are. Owns its matrices.</summary>
public sealed class MatrixPeak : IDisposable
{
    private const int Size = 2048;
    private const int AcceleratorSize = 8192;
    private readonly Tensor _left;
    private readonly Tensor _right;

    /// <summary>Creates square matrices: 2048 wide on the CPU, 8192 on an accelerator.</summary>
    /// <param name="dtype">The number format; <see cref="ModelDtype.Auto"/> is fp32.</param>
    /// <param name="onAccelerator">Whether to use the first CUDA device rather than the CPU.</param>
    public MatrixPeak(ModelDtype dtype, bool onAccelerator = false)
        : this(dtype, onAccelerator ? AcceleratorSize : Size, onAccelerator ? AcceleratorSize : Size, onAccelerator ? CUDA : CPU)
    {
    }

    /// <summary>Creates a matrix of rows and the square matrix that it is multiplied by.</summary>
    /// <param name="dtype">The number format; <see cref="ModelDtype.Auto"/> is fp32.</param>
    /// <param name="rows">Rows of the first matrix; at least 1.</param>
    /// <param name="size">Columns of the first matrix, and size of the second; at least 1.</param>
    /// <param name="device">Device of the matrices.</param>
    internal MatrixPeak(ModelDtype dtype, int rows, int size, Device device)
    {
        using var scope = NewDisposeScope();
        ScalarType format = dtype == ModelDtype.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        _left = randn([rows, size], device: device).to(format).DetachFromDisposeScope();
        _right = randn([size, size], device: device).to(format).DetachFromDisposeScope();
    }

    /// <summary>
    /// Operations per second of the fastest of several products. A multiplication and an addition count as two operations.
    /// </summary>
    /// <param name="products">Number of products; at least 1.</param>
    /// <param name="clock">Elapsed time, either wall-clock time or the process's CPU time.</param>
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
            _ = MatrixProducts.Linear(_left, _right).select(0, 0).select(0, 0).to(ScalarType.Float32).item<float>();
            best = Math.Max(best, 2.0 * _left.shape[0] * _right.shape[0] * _right.shape[1] / (clock() - start).TotalSeconds);
        }

        return best;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }
}
