using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>A forward pass of a decoder.</summary>
internal sealed class ForwardRequest(TransformerDecoder decoder, DecoderPass pass) : PassRequest
{
    private readonly bool withGradient = is_grad_enabled();
    private Tensor? states;
    private long start;

    // Passes with and without gradients are apart: the former keep their activations.
    public override object Key => (decoder, withGradient);

    public override long Tokens => pass.Tokens;

    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together)
    {
        ForwardRequest[] members = [.. together.Cast<ForwardRequest>()];
        using var scope = NewDisposeScope();
        using var mode = set_grad_enabled(withGradient);
        Tensor packed = decoder.ForwardTogether([.. members.Select(member => member.Pass)]);
        long at = 0;
        foreach (ForwardRequest member in members)
        {
            (member.states, member.start) = (packed, at);
            at += member.Tokens;
        }

        return [packed.DetachFromDisposeScope()];
    }

    protected override Tensor Result() => pass.Unpack(states!, start);

    private DecoderPass Pass => pass;
}
