using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>
/// The logits of a few hidden states, without gradients. The output matrix is read once for all lanes that wait for them.
/// </summary>
/// <param name="decoder">The model.</param>
/// <param name="states">Hidden states [rows, hidden].</param>
internal sealed class LogitsRequest(TransformerDecoder decoder, Tensor states) : PassRequest<Tensor>
{
    private Tensor? _logits;
    private long _start;

    public override object Key => (decoder, typeof(LogitsRequest));

    public override long Tokens => ModelPasses.Positions(states.shape[0], decoder.Config.VocabularySize);

    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together)
    {
        LogitsRequest[] members = [.. together.Cast<LogitsRequest>()];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor all = decoder.Logits(PackedBatch.Filled([.. members.Select(member => member.States)]));
        long at = 0;
        foreach (LogitsRequest member in members)
        {
            (member._logits, member._start) = (all, at);
            at += member.States.shape[0];
        }

        return [all.DetachFromDisposeScope()];
    }

    protected override Tensor Result() => _logits!.narrow(0, _start, states.shape[0]);

    private Tensor States => states;
}
