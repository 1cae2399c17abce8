using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>Consecutive layers of a decoder.</summary>
/// <param name="Decoder">The decoder.</param>
/// <param name="From">The first layer.</param>
/// <param name="To">The layer after the last one.</param>
/// <param name="Ends">Whether the final norm follows.</param>
internal sealed record DecoderSection(TransformerDecoder Decoder, int From, int To, bool Ends)
{
    /// <summary>All layers of a decoder.</summary>
    public static DecoderSection Whole(TransformerDecoder decoder) => Above(decoder, 0);

    /// <summary>The lowest layers.</summary>
    public static DecoderSection Below(TransformerDecoder decoder, int layers) => new(decoder, 0, layers, Ends: false);

    /// <summary>All layers above the lowest ones, with the final norm.</summary>
    public static DecoderSection Above(TransformerDecoder decoder, int layers) =>
        new(decoder, layers, decoder.Config.LayerCount, Ends: true);

    /// <summary>Runs the layers over several passes at once: [tokens of all passes, or more, hidden].</summary>
    public Tensor ForwardTogether(IReadOnlyList<DecoderPass> passes) => Decoder.ForwardTogether(passes, From, To, Ends);

    /// <summary>The same, recorded for a backward pass to the inputs of the first of the layers, which the caller owns.</summary>
    public (Tensor Hidden, PassTape Tape) RecordTogether(IReadOnlyList<DecoderPass> passes) =>
        Decoder.RecordTogether(passes, From, To, Ends);
}
