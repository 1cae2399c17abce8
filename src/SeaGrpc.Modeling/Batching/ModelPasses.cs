using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>The passes that jobs spend their time on: alone where the caller is alone, together with others' on a lane.</summary>
public static class ModelPasses
{
    /// <summary>Up to so many rows reading and packing the vocabulary's matrix takes longer than the product.</summary>
    private const long FewRows = 128;

    /// <summary>Runs a decoder over new positions.</summary>
    internal static Tensor Forward(TransformerDecoder decoder, DecoderPass pass) => JobLane.Current is { } lane
        ? lane.Await(new ForwardRequest(decoder, pass))
        : pass.Unpack(decoder.ForwardTogether([pass]), 0);

    /// <summary>Runs a decoder over new positions, to be walked back.</summary>
    internal static RecordedPass Record(TransformerDecoder decoder, DecoderPass pass)
    {
        if (JobLane.Current is { } lane)
        {
            return lane.Await(new RecordRequest(decoder, pass));
        }

        (Tensor hidden, PassTape tape) = decoder.RecordTogether([pass]);
        return new RecordedPass(new SharedTape(tape, hidden.shape[0], 1), pass.Unpack(hidden, 0), 0);
    }

    /// <summary>Logits of hidden states, without gradients; those of few together with others' on a lane.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="states">Hidden states [rows, hidden].</param>
    /// <returns>[rows, vocabulary], in the weights' dtype; the caller may write to them.</returns>
    public static Tensor Logits(TransformerDecoder decoder, Tensor states)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(states);
        long rows = states.shape[0];
        if (rows > FewRows)
        {
            return decoder.Logits(states);
        }

        return JobLane.Current is { } lane
            ? lane.Await(new LogitsRequest(decoder, states))
            : decoder.Logits(PackedBatch.Filled([states])).narrow(0, 0, rows);
    }
}
