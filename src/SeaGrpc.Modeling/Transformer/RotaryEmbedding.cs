using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Rotary position embedding with rotated halves (Llama). The cosine and sine tables grow as needed.</summary>
internal sealed class RotaryEmbedding(TransformerConfig config, Device device, ScalarType dtype) : IDisposable
{
    private readonly int _size = config.RotarySize > 0 ? config.RotarySize : config.HeadSize;
    private Tensor? _cosines;
    private Tensor? _sines;

    /// <summary>Returns the tables of positions [start, start + count).</summary>
    /// <returns>Cosines and sines, each [count, rotated]. The first half of the sines is negative.</returns>
    public (Tensor Cosine, Tensor Sine) For(int start, int count)
    {
        int end = start + count;
        if (_cosines is null || _cosines.shape[0] < end)
        {
            Grow(Math.Max(end, 2 * (int)(_cosines?.shape[0] ?? 64)));
        }

        return (_cosines!.narrow(0, start, count), _sines!.narrow(0, start, count));
    }

    /// <summary>
    /// Rotates queries or keys. The width of the tables determines how many dimensions of a head are rotated, from the first one.
    /// </summary>
    /// <param name="input">[rows, heads, positions, head].</param>
    /// <param name="cosine">[positions, rotated].</param>
    /// <param name="sine">[positions, rotated]; the first half is negative.</param>
    public static Tensor Rotate(Tensor input, Tensor cosine, Tensor sine)
    {
        long rest = input.shape[^1] - cosine.shape[^1];
        if (rest > 0)
        {
            long size = cosine.shape[^1];
            return cat([Rotate(input.narrow(-1, 0, size), cosine, sine), input.narrow(-1, size, rest)], -1);
        }

        // (-second half, first half) sin. The sign is in the table.
        return (input * cosine).PlusProduct(input.roll(input.shape[^1] / 2, -1), sine);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cosines?.Dispose();
        _sines?.Dispose();
    }

    private void Grow(int count)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor exponents = TensorFilling.Range(_size, 2, device).DividedBy(_size);
        Tensor frequencies = tensor((float)config.RopeTheta, device: device).pow(exponents).reciprocal();
        if (config.RotaryScaling is { } scaling)
        {
            frequencies = tensor(
                frequencies.cpu().data<float>().ToArray().Select((frequency, index) => (float)scaling.Scale(frequency, index)).ToArray(),
                device: device);
        }

        Tensor angles = TensorFilling.Range(count, 1, device).unsqueeze(1) * frequencies.unsqueeze(0);
        Tensor cosine = angles.cos();
        Tensor sine = angles.sin();
        Dispose();
        _cosines = Amplified(cat([cosine, cosine], -1)).to(dtype).DetachFromDisposeScope();
        _sines = Amplified(cat([sine.neg(), sine], -1)).to(dtype).DetachFromDisposeScope();
    }

    private Tensor Amplified(Tensor table) =>
        config.RotaryScaling is null or { Amplitude: 1 } ? table : table.Times(config.RotaryScaling.Amplitude);
}
