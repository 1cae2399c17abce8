using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SeaGrpc.Modeling.Transformer.Cpu;
using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>
/// Elementwise operations over vocabulary-wide rows on the CPU. Each row is processed in two or three passes while it is in cache.
/// libtorch's operators take one pass over all rows each.
/// </summary>
/// <remarks>
/// Every tensor is fp32, on the CPU, and contiguous [rows, vocabulary] unless stated otherwise: see <see cref="Serve"/>. Rows are
/// independent.
/// </remarks>
public static unsafe class VocabularyKernels
{
    /// <summary>Cost of a row's number relative to that of a norm.</summary>
    private const long Weight = 8;

    /// <summary>
    /// Count of numbers that are summed in fp32 before they are added in double precision, where the result is a difference of sums.
    /// </summary>
    private const long Piece = 1024;

    /// <summary>Whether these kernels support a tensor. Otherwise the caller uses libtorch's operators.</summary>
    public static bool Serve(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.device_type == DeviceType.CPU && rows.dtype == ScalarType.Float32 && rows.dim() == 2 && rows.is_contiguous();
    }

    /// <summary>log softmax of rows. The logits are replaced by their softmax.</summary>
    /// <param name="logits">Logits; overwritten by probabilities.</param>
    /// <param name="logProbabilities">Receives the log-probabilities.</param>
    public static void Softmax(Tensor logits, Tensor logProbabilities)
    {
        long width = Width(logits, logProbabilities);
        float* x = Numbers(logits);
        float* y = Numbers(logProbabilities);
        RowLoop.Run(logits.shape[0], Weight * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                SoftmaxRow(x + (row * width), y + (row * width), width);
            }
        });
    }

    /// <summary>The backward pass of a softmax: s (g - s.g) / tau with s = softmax(Y / tau).</summary>
    /// <param name="logits">Y. A logit of -infinity has s = 0.</param>
    /// <param name="gradient">g, the gradient at the softmax.</param>
    /// <param name="result">Receives the gradient at Y. May be the same tensor as <paramref name="gradient"/>.</param>
    /// <param name="temperature">tau.</param>
    public static void SoftmaxBackward(Tensor logits, Tensor gradient, Tensor result, double temperature)
    {
        long width = Width(logits, gradient);
        Width(logits, result);
        float* x = Numbers(logits);
        float* g = Numbers(gradient);
        float* y = Numbers(result);
        float inverse = (float)(1 / temperature);
        RowLoop.Run(logits.shape[0], Weight * width, (first, end) =>
        {
            // Too wide for the stack: a row of exp(logits).
            float* powers = (float*)NativeMemory.Alloc((nuint)width, sizeof(float));
            try
            {
                for (long row = first; row < end; row++)
                {
                    SoftmaxBackwardRow(x + (row * width), g + (row * width), y + (row * width), powers, width, inverse);
                }
            }
            finally
            {
                NativeMemory.Free(powers);
            }
        });
    }

    /// <summary>KL(softmax(Y / tau) || reference) of rows, in nats.</summary>
    /// <param name="logits">Y. -infinity marks a masked token, which has probability 0.</param>
    /// <param name="temperature">tau.</param>
    /// <param name="reference">The reference's log-probabilities. They must be finite.</param>
    /// <returns>[rows].</returns>
    public static Tensor Divergence(Tensor logits, double temperature, Tensor reference)
    {
        long width = Width(logits, reference);
        Tensor result = empty([logits.shape[0]], ScalarType.Float32, logits.device);
        float* x = Numbers(logits);
        float* p = Numbers(reference);
        float* y = Numbers(result);
        float inverse = (float)(1 / temperature);
        RowLoop.Run(logits.shape[0], Weight * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                y[row] = DivergenceRow(x + (row * width), p + (row * width), width, inverse);
            }
        });
        return result;
    }

    /// <summary>One step of Adam (Kingma and Ba, ICLR 2015), with a step size per row.</summary>
    /// <param name="parameters">The parameters, updated in place.</param>
    /// <param name="gradient">Their gradient.</param>
    /// <param name="moments">The running means of gradients and of their squares, updated in place.</param>
    /// <param name="step">Step size of each row [rows].</param>
    /// <param name="settings">Decay rates, epsilon, and the number of the step, from 1.</param>
    public static void AdamStep(
        Tensor parameters, Tensor gradient, (Tensor Mean, Tensor Square) moments, Tensor step, AdamSettings settings)
    {
        ArgumentNullException.ThrowIfNull(step);
        long width = Width(parameters, gradient);
        Width(parameters, moments.Mean);
        Width(parameters, moments.Square);
        float* x = Numbers(parameters);
        float* g = Numbers(gradient);
        float* mean = Numbers(moments.Mean);
        float* square = Numbers(moments.Square);
        float* sizes = Numbers(step);
        RowLoop.Run(parameters.shape[0], Weight * width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                long at = row * width;
                AdamRow(x + at, g + at, mean + at, square + at, width, sizes[row], settings);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxRow(float* x, float* y, long width)
    {
        var highest = Vector256.Create(Highest(x, width));
        Vector256<float> sums = default;
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> shifted = Vectors.Load<float, SingleFormat>(x, at, width) - highest;
            Vector256<float> power = Present(Vectors.Exp(shifted), at, width);
            Vectors.Store<float, SingleFormat>(power, x, at, width);
            Vectors.Store<float, SingleFormat>(shifted, y, at, width);
            sums += power;
        }

        double sum = Vector256.Sum(sums);
        var log = Vector256.Create((float)Math.Log(sum));
        var inverse = Vector256.Create((float)(1 / sum));
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vectors.Store<float, SingleFormat>(Vectors.Load<float, SingleFormat>(x, at, width) * inverse, x, at, width);
            Vectors.Store<float, SingleFormat>(Vectors.Load<float, SingleFormat>(y, at, width) - log, y, at, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxBackwardRow(float* x, float* g, float* y, float* powers, long width, float inverseTemperature)
    {
        var highest = Vector256.Create(Highest(x, width));
        Vector256<float> sums = default;
        Vector256<float> products = default;
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> power = Present(
                Vectors.Exp((Vectors.Load<float, SingleFormat>(x, at, width) - highest) * inverseTemperature), at, width);
            Vectors.Store<float, SingleFormat>(power, powers, at, width);
            sums += power;
            products = Vector256.FusedMultiplyAdd(power, Vectors.Load<float, SingleFormat>(g, at, width), products);
        }

        float sum = Vector256.Sum(sums);
        var mean = Vector256.Create(Vector256.Sum(products) / sum);
        var factor = Vector256.Create(inverseTemperature / sum);
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> share = Vectors.Load<float, SingleFormat>(powers, at, width) * factor;
            Vectors.Store<float, SingleFormat>(share * (Vectors.Load<float, SingleFormat>(g, at, width) - mean), y, at, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float DivergenceRow(float* x, float* reference, long width, float inverseTemperature)
    {
        var highest = Vector256.Create(Highest(x, width));
        double sum = 0;
        double product = 0;
        for (long start = 0; start < width; start += Piece)
        {
            Vector256<float> sums = default;
            Vector256<float> products = default;
            long end = Math.Min(width, start + Piece);
            for (long at = start; at < end; at += Vectors.Width)
            {
                Vector256<float> shifted = (Vectors.Load<float, SingleFormat>(x, at, width) - highest) * inverseTemperature;
                Vector256<float> power = Present(Vectors.Exp(shifted), at, width);
                Vector256<float> apart = shifted - Vectors.Load<float, SingleFormat>(reference, at, width);
                sums += power;
                // A masked token: 0 times infinity counts as 0.
                products += Vector256.ConditionalSelect(
                    Vector256.Equals(power, Vector256<float>.Zero), Vector256<float>.Zero, power * apart);
            }

            sum += Vector256.Sum(sums);
            product += Vector256.Sum(products);
        }

        return (float)((product / sum) - Math.Log(sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AdamRow(float* x, float* g, float* mean, float* square, long width, float step, AdamSettings settings)
    {
        var first = Vector256.Create((float)settings.MeanDecay);
        var second = Vector256.Create((float)settings.SquareDecay);
        var size = Vector256.Create((float)(step / (1 - Math.Pow(settings.MeanDecay, settings.Step))));
        var correction = Vector256.Create((float)(1 / (1 - Math.Pow(settings.SquareDecay, settings.Step))));
        var epsilon = Vector256.Create((float)settings.Epsilon);
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> gradient = Vectors.Load<float, SingleFormat>(g, at, width);
            Vector256<float> mixed = Vector256.FusedMultiplyAdd(
                first, Vectors.Load<float, SingleFormat>(mean, at, width) - gradient, gradient);
            Vector256<float> squares = gradient * gradient;
            Vector256<float> spread = Vector256.FusedMultiplyAdd(
                second, Vectors.Load<float, SingleFormat>(square, at, width) - squares, squares);
            Vectors.Store<float, SingleFormat>(mixed, mean, at, width);
            Vectors.Store<float, SingleFormat>(spread, square, at, width);
            Vector256<float> moved =
                Vectors.Load<float, SingleFormat>(x, at, width) - (size * mixed / (Vector256.Sqrt(spread * correction) + epsilon));
            Vectors.Store<float, SingleFormat>(moved, x, at, width);
        }
    }

    private static float Highest(float* x, long width) => Vectors.Highest<float, SingleFormat>(x, 0, width);

    // 0 after the end of a row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Present(Vector256<float> values, long at, long width) => at + Vectors.Width <= width
        ? values
        : Vector256.ConditionalSelect(
            Vector256.LessThan(Vector256.Create(0f, 1, 2, 3, 4, 5, 6, 7), Vector256.Create((float)(width - at))), values,
            Vector256<float>.Zero);

    private static long Width(Tensor rows, Tensor others)
    {
        if (!Serve(rows) || !Serve(others) || rows.shape[0] != others.shape[0] || rows.shape[1] != others.shape[1])
        {
            throw new ArgumentException(
                "The kernels take contiguous fp32 tensors of one shape [rows, vocabulary] on the CPU.", nameof(others));
        }

        return rows.shape[1];
    }

    private static float* Numbers(Tensor tensor) => TensorPointer.Of<float>(tensor);
}

/// <summary>Adam's settings.</summary>
/// <param name="MeanDecay">Decay rate beta 1.</param>
/// <param name="SquareDecay">Decay rate beta 2.</param>
/// <param name="Epsilon">Added to the square root of the mean square.</param>
/// <param name="Step">Number of the step, from 1.</param>
public readonly record struct AdamSettings(double MeanDecay, double SquareDecay, double Epsilon, int Step);
