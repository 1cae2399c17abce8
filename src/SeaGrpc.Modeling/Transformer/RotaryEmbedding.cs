using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Rotary position embedding with rotated halves (Llama): cosine and sine tables, grown as they are needed.</summary>
internal sealed class RotaryEmbedding(int headSize, double theta, Device device, ScalarType dtype) : IDisposable
{
    private Tensor? cosines;
    private Tensor? sines;

    /// <summary>The tables of positions [start, start + count).</summary>
    /// <returns>Cosines and sines, each [count, head].</returns>
    public (Tensor Cosine, Tensor Sine) For(int start, int count)
    {
        int end = start + count;
        if (cosines is null || cosines.shape[0] < end)
        {
            Grow(Math.Max(end, 2 * (int)(cosines?.shape[0] ?? 64)));
        }

        return (cosines!.narrow(0, start, count), sines!.narrow(0, start, count));
    }

    /// <summary>Rotates queries or keys.</summary>
    /// <param name="input">[rows, heads, positions, head].</param>
    /// <param name="cosine">[positions, head].</param>
    /// <param name="sine">[positions, head].</param>
    public static Tensor Rotate(Tensor input, Tensor cosine, Tensor sine)
    {
        long half = input.shape[^1] / 2;
        Tensor rotated = cat([input.narrow(-1, half, half).neg(), input.narrow(-1, 0, half)], -1);
        return (input * cosine).PlusProduct(rotated, sine);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cosines?.Dispose();
        sines?.Dispose();
    }

    private void Grow(int size)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor exponents = TensorFilling.Range(headSize, 2, device).DividedBy(headSize);
        Tensor frequencies = tensor((float)theta, device: device).pow(exponents).reciprocal();
        Tensor angles = TensorFilling.Range(size, 1, device).unsqueeze(1) * frequencies.unsqueeze(0);
        Tensor both = cat([angles, angles], -1);
        Dispose();
        cosines = both.cos().to(dtype).DetachFromDisposeScope();
        sines = both.sin().to(dtype).DetachFromDisposeScope();
    }
}
