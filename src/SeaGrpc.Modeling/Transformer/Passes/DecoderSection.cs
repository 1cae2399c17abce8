using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>Consecutive layers of a decoder. The last section ends with the final norm.</summary>
/// <param name="Decoder">The decoder.</param>
/// <param name="From">The first layer.</param>
/// <param name="To">The layer after the last one.</param>
internal sealed record DecoderSection(TransformerDecoder Decoder, int From, int To)
{
    /// <summary>All layers of a decoder.</summary>
    public static DecoderSection Whole(TransformerDecoder decoder) => new(decoder, 0, decoder.Config.LayerCount);

    /// <summary>Runs the layers over several passes at once: [tokens of all passes, or more, hidden].</summary>
    public Tensor ForwardTogether(IReadOnlyList<DecoderPass> passes) => Decoder.ForwardTogether(passes, From, To);
}
