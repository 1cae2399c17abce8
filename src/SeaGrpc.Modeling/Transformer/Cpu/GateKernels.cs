using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>The gate of a feed-forward layer, activation(gate) * up, forward and backward, in one pass each.</summary>
internal static unsafe class GateKernels<T, TFormat>
    where T : unmanaged
    where TFormat : INumberFormat<T>
{
    /// <summary>sqrt(2 / pi) and the cubic term of the tanh approximation of GELU (Hendrycks and Gimpel, arXiv 1606.08415).</summary>
    private const float RootTwoOverPi = 0.7978845608f;
    private const float Cubic = 0.044715f;

    /// <summary>Computes one row.</summary>
    /// <param name="gateUp">Gate, then up: [2 * width].</param>
    /// <param name="activated">[width].</param>
    /// <param name="width">Width of the layer.</param>
    /// <param name="activation">The activation.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(T* gateUp, T* activated, long width, Activation activation)
    {
        T* up = gateUp + width;
        long at = 0;
        if (Vectors.AreWide && activation == Activation.Silu)
        {
            for (; at + Vectors.Wide <= width; at += Vectors.Wide)
            {
                Vector512<float> gate = TFormat.LoadWide(gateUp + at);
                Vector512<float> value = TFormat.RoundedWide(gate * Vectors.Sigmoid(gate)) * TFormat.LoadWide(up + at);
                TFormat.StoreRoundedWide(TFormat.RoundedWide(value), activated + at);
            }
        }

        for (; at < width; at += Vectors.Width)
        {
            Vector256<float> gate = Vectors.Load<T, TFormat>(gateUp, at, width);
            Vector256<float> value = activation == Activation.Silu ? gate * Vectors.Sigmoid(gate) : Gelu(gate, Tangent(gate));
            Vectors.Store<T, TFormat>(TFormat.Rounded(value) * Vectors.Load<T, TFormat>(up, at, width), activated, at, width);
        }
    }

    /// <summary>The gradients at gate and up, from the gradient at the product.</summary>
    /// <param name="gateUp">Gate, then up: [2 * width].</param>
    /// <param name="gradient">[width].</param>
    /// <param name="both">Receives the gradients at gate and up: [2 * width].</param>
    /// <param name="width">Width of the layer.</param>
    /// <param name="activation">The activation.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(T* gateUp, T* gradient, T* both, long width, Activation activation)
    {
        T* up = gateUp + width;
        T* atUp = both + width;
        for (long at = 0; at < width; at += Vectors.Width)
        {
            Vector256<float> gate = Vectors.Load<T, TFormat>(gateUp, at, width);
            Vector256<float> outer = Vectors.Load<T, TFormat>(gradient, at, width);
            Vector256<float> value;
            Vector256<float> slope;
            if (activation == Activation.Silu)
            {
                Vector256<float> sigmoid = Vectors.Sigmoid(gate);
                value = gate * sigmoid;
                slope = Vector256.FusedMultiplyAdd(value, Vector256<float>.One - sigmoid, sigmoid);
            }
            else
            {
                Vector256<float> tangent = Tangent(gate);
                value = Gelu(gate, tangent);
                Vector256<float> inner = Vector256.FusedMultiplyAdd(
                    gate * gate, Vector256.Create(3 * Cubic * RootTwoOverPi), Vector256.Create(RootTwoOverPi));
                slope = 0.5f * (Vector256<float>.One + tangent + (gate * (Vector256<float>.One - (tangent * tangent)) * inner));
            }

            Vectors.Store<T, TFormat>(outer * value, atUp, at, width);
            Vectors.Store<T, TFormat>(outer * Vectors.Load<T, TFormat>(up, at, width) * slope, both, at, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Tangent(Vector256<float> x) =>
        Vectors.Tanh(x * Vector256.FusedMultiplyAdd(x * x, Vector256.Create(Cubic * RootTwoOverPi), Vector256.Create(RootTwoOverPi)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gelu(Vector256<float> x, Vector256<float> tangent) => 0.5f * x * (Vector256<float>.One + tangent);
}
