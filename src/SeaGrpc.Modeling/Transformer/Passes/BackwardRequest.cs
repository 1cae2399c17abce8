using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>A backward pass to the embeddings of a forward pass.</summary>
internal sealed class BackwardRequest(SharedTape tape, Tensor gradient, long start) : PassRequest<Tensor>
{
    private static readonly object AnyTape = new();
    private Tensor? _result;

    public override object Key => AnyTape;

    public override object Inseparable => tape;

    public override long Tokens => gradient.shape[0] * gradient.shape[1];

    /// <summary>
    /// Walks through each tape once. Lanes whose forward passes ran together share a tape, and each of its matrix products is computed once
    /// for all of them. A lane's hidden states depend only on its own embeddings, so each lane gets its own gradient.
    /// </summary>
    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together)
    {
        List<Tensor> results = [];
        using var scope = NewDisposeScope();
        foreach (IGrouping<SharedTape, BackwardRequest> shared in together.Cast<BackwardRequest>().GroupBy(member => member.Tape))
        {
            BackwardRequest[] members = [.. shared];
            Tensor[] back = shared.Key.Backward([.. members.Select(member => (member.Gradient, member.Start))]);
            for (int index = 0; index < members.Length; index++)
            {
                members[index]._result = back[index];
            }

            results.AddRange(back);
        }

        results.ForEach(tensor => tensor.DetachFromDisposeScope());
        return results;
    }

    protected override Tensor Result() => _result!.alias();

    private SharedTape Tape => tape;

    private Tensor Gradient => gradient;

    private long Start => start;
}
