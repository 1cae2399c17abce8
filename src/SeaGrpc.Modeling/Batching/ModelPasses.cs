using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>The two passes that jobs spend their time on: alone where the caller is alone, together with others' on a lane.</summary>
public static class ModelPasses
{
    /// <summary>Runs a decoder over new positions.</summary>
    internal static Tensor Forward(TransformerDecoder decoder, DecoderPass pass) => JobLane.Current is { } lane
        ? lane.Await(new ForwardRequest(decoder, pass))
        : pass.Unpack(decoder.ForwardTogether([pass]), 0);

    /// <summary>The gradient at a forward pass's inputs.</summary>
    /// <param name="output">What was made of the inputs.</param>
    /// <param name="input">The inputs [rows, positions, hidden].</param>
    /// <param name="gradient">The gradient at the output; null is 1.</param>
    /// <returns>The inputs' shape.</returns>
    public static Tensor Backward(Tensor output, Tensor input, Tensor? gradient = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(input);
        return JobLane.Current is { } lane
            ? lane.Await(new BackwardRequest(output, input, gradient))
            : autograd.grad([output], [input], [gradient ?? ones_like(output)])[0];
    }
}
