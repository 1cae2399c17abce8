using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>One pass within a packed batch, and what its attention needs.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Start">First token position of the pass in the batch.</param>
/// <param name="Cosine">Rotary table [positions, rotated].</param>
/// <param name="Sine">Rotary table [positions, rotated].</param>
/// <param name="Mask">Additive mask of layers without a window, or null.</param>
/// <param name="WindowMask">Additive mask of layers with a window, or null.</param>
internal sealed record PackedPass(DecoderPass Pass, long Start, Tensor Cosine, Tensor Sine, Tensor? Mask, Tensor? WindowMask);
