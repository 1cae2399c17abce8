using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>A forward pass of a decoder's layers that will be differentiated. The passes of several jobs share one backward pass.</summary>
internal sealed class RecordRequest(DecoderSection section, DecoderPass pass) : PassRequest<RecordedPass>
{
    private Tensor? _states;
    private SharedTape? _tape;
    private long _start;

    // Separate from passes that store nothing.
    public override object Key => (section, typeof(RecordRequest));

    public override long Tokens => pass.Tokens;

    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together)
    {
        RecordRequest[] members = [.. together.Cast<RecordRequest>()];
        using var scope = NewDisposeScope();
        (Tensor hidden, PassTape way) = section.RecordTogether([.. members.Select(member => member.Pass)]);
        var shared = new SharedTape(way, hidden.shape[0], members.Length);
        long at = 0;
        foreach (RecordRequest member in members)
        {
            (member._states, member._tape, member._start) = (hidden, shared, at);
            at += member.Tokens;
        }

        return [hidden.DetachFromDisposeScope()];
    }

    protected override RecordedPass Result() => new(_tape!, pass.Unpack(_states!, _start), _start);

    private DecoderPass Pass => pass;
}
