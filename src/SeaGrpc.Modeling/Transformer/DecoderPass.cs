using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>The new positions of some rows, for one forward pass.</summary>
/// <param name="Embeddings">Input embeddings [rows, positions, hidden].</param>
/// <param name="Cache">Keys and values of the preceding positions, or null.</param>
internal sealed record DecoderPass(Tensor Embeddings, KeyValueCache? Cache)
{
    public long Rows { get; } = Embeddings.shape[0];

    public int Positions { get; } = (int)Embeddings.shape[1];

    /// <summary>Number of token positions: rows times positions.</summary>
    public long Tokens => Rows * Positions;

    /// <summary>Number of cached positions.</summary>
    public int Before => Cache?.Length ?? 0;

    /// <summary>The part of a batch's result that belongs to this pass: [rows, positions, hidden].</summary>
    /// <param name="packed">[tokens, hidden].</param>
    /// <param name="start">First token of the part.</param>
    public Tensor Unpack(Tensor packed, long start) => packed.narrow(0, start, Tokens).view(Rows, Positions, packed.shape[1]);

    /// <summary>The parts of several consecutive passes.</summary>
    /// <param name="passes">The passes.</param>
    /// <param name="packed">[tokens, hidden].</param>
    /// <param name="start">First token of the first part.</param>
    public static Tensor[] Unpack(IReadOnlyList<DecoderPass> passes, Tensor packed, long start)
    {
        var parts = new Tensor[passes.Count];
        for (int index = 0; index < parts.Length; index++)
        {
            parts[index] = passes[index].Unpack(packed, start);
            start += passes[index].Tokens;
        }

        return parts;
    }
}
