using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>A backward pass to a forward pass's embeddings.</summary>
internal sealed class BackwardRequest(SharedTape tape, Tensor gradient, long start) : PassRequest<Tensor>
{
    private static readonly object AnyTape = new();
    private Tensor? _result;

    public override object Key => AnyTape;

    public override object Inseparable => tape;

    public override long Tokens => gradient.shape[0] * gradient.shape[1];

    /// <summary>
    /// One walk through each tape: lanes whose forward passes were done together share one, and each of its matrix products is done once
    /// for all. What one lane's hidden states depend on is its own embeddings, so that each gets its own gradient.
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
