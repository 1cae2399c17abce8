using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>Forward passes of a decoder's layers without gradients.</summary>
internal sealed class ForwardRequest(DecoderSection section, IReadOnlyList<DecoderPass> passes) : PassRequest<Tensor[]>
{
    private Tensor? _states;
    private long _start;

    public override object Key => (section, typeof(ForwardRequest));

    public override long Tokens { get; } = passes.Sum(pass => pass.Tokens);

    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together)
    {
        ForwardRequest[] members = [.. together.Cast<ForwardRequest>()];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor packed = section.ForwardTogether([.. members.SelectMany(member => member.Passes)]);
        long at = 0;
        foreach (ForwardRequest member in members)
        {
            (member._states, member._start) = (packed, at);
            at += member.Tokens;
        }

        return [packed.DetachFromDisposeScope()];
    }

    protected override Tensor[] Result() => DecoderPass.Unpack(passes, _states!, _start);

    private IReadOnlyList<DecoderPass> Passes => passes;
}
