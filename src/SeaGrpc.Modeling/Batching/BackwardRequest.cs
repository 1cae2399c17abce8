using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>A backward pass to a forward pass's inputs.</summary>
internal sealed class BackwardRequest(Tensor output, Tensor input, Tensor? gradient) : PassRequest
{
    private static readonly object AnyGraph = new();
    private Tensor? result;

    public override object Key => AnyGraph;

    public override long Tokens => input.shape[0] * input.shape[1];

    /// <summary>
    /// One walk through all graphs: those of lanes whose forward passes were done together are one, and each of their matrix
    /// products is done once for all. Inputs of different lanes have nothing to do with each other, so that the gradient of
    /// the sum is each one's own.
    /// </summary>
    public override IReadOnlyList<Tensor> Run(IReadOnlyList<PassRequest> together)
    {
        BackwardRequest[] members = [.. together.Cast<BackwardRequest>()];
        using var scope = NewDisposeScope();
        IList<Tensor> gradients = autograd.grad(
            [.. members.Select(member => member.Output)],
            [.. members.Select(member => member.Input)],
            [.. members.Select(member => member.Gradient)],
            // Where it fails, each one's is tried alone; the graph ends with its tensors.
            retain_graph: members.Length > 1);
        for (int index = 0; index < members.Length; index++)
        {
            members[index].result = gradients[index].DetachFromDisposeScope();
        }

        return [.. gradients];
    }

    protected override Tensor Result() => result!.alias();

    private Tensor Output => output;

    private Tensor Input => input;

    private Tensor Gradient => gradient ?? ones_like(output);
}
