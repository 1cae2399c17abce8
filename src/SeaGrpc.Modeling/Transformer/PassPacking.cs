using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>Packs passes into a batch, with the rotary tables and masks of their positions. These are kept between batches.</summary>
internal sealed class PassPacking : IDisposable
{
    private readonly TransformerConfig _config;
    private readonly Device _device;
    private readonly ScalarType _dtype;
    private readonly RotaryEmbedding _rotary;
    private readonly CausalMask _mask = new(window: null);
    private readonly CausalMask? _windowMask;

    public PassPacking(TransformerConfig config, Device device, ScalarType dtype)
    {
        _config = config;
        _device = device;
        _dtype = dtype;
        _rotary = new RotaryEmbedding(config, device, dtype);
        _windowMask = config.Windows.FirstOrDefault(window => window is not null) is { } size ? new CausalMask(size) : null;
    }

    /// <summary>Packs some passes.</summary>
    /// <param name="passes">At least one.</param>
    /// <param name="withMasks">Whether layers add masks to scores. The written-out layers determine themselves what a query sees.</param>
    public PackedBatch Pack(IReadOnlyList<DecoderPass> passes, bool withMasks)
    {
        int share = _config.HeadCount / _config.KeyValueHeadCount;
        if (withMasks)
        {
            _mask.KeepOnly([.. passes.Select(pass => (pass.Before, pass.Positions))]);
            _windowMask?.KeepOnly([.. passes.Select(pass => (pass.Before, pass.Positions))]);
        }

        List<PackedPass> parts = [];
        long tokens = 0;
        foreach (DecoderPass pass in passes)
        {
            (Tensor cosine, Tensor sine) = _rotary.For(pass.Before, pass.Positions);
            parts.Add(new PackedPass(
                pass,
                tokens,
                cosine,
                sine,
                withMasks ? _mask.For(pass.Before, pass.Positions, share, _dtype, _device) : null,
                withMasks ? _windowMask?.For(pass.Before, pass.Positions, share, _dtype, _device) : null));
            tokens += pass.Tokens;
        }

        return new PackedBatch(parts, tokens, _device, _dtype, withGraph: withMasks);
    }

    public void Dispose()
    {
        _rotary.Dispose();
        _mask.Dispose();
        _windowMask?.Dispose();
    }
}
