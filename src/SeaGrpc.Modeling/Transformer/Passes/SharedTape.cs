using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Passes;

/// <summary>The backward pass that the passes of one batch share. The last of them disposes it.</summary>
/// <param name="tape">The backward pass.</param>
/// <param name="tokens">Token positions of the batch, including zeros.</param>
/// <param name="users">Number of passes.</param>
internal sealed class SharedTape(PassTape tape, long tokens, int users)
{
    /// <summary>Runs the backward pass for some of the passes at once.</summary>
    /// <param name="gradients">
    /// The gradient at the hidden states of each pass [.., hidden], and the first token position of the pass in the batch.
    /// </param>
    /// <returns>The gradients at the inputs of each pass, in the same shape, in the caller's scope.</returns>
    public Tensor[] Backward(IReadOnlyList<(Tensor Gradient, long Start)> gradients)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor first = gradients[0].Gradient;
        long width = first.shape[^1];
        Tensor packed;
        if (gradients.Count == 1 && first.NumberOfElements == tokens * width)
        {
            packed = first.reshape(tokens, width).contiguous();
        }
        else
        {
            packed = zeros([tokens, width], first.dtype, first.device);
            foreach ((Tensor gradient, long start) in gradients)
            {
                packed.narrow(0, start, gradient.NumberOfElements / width).copy_(gradient.reshape(-1, width));
            }
        }

        Tensor back = tape.Backward(packed, [.. gradients.Select(part => part.Start)]);
        return
        [
            .. gradients.Select(part =>
                back.narrow(0, part.Start, part.Gradient.NumberOfElements / width).view(part.Gradient.shape).MoveToOuterDisposeScope()
            ),
        ];
    }

    /// <summary>Releases one pass.</summary>
    public void Release()
    {
        if (--users == 0)
        {
            tape.Dispose();
        }
    }
}
