using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>A reward model without text: a decoder's body and the weight that scores a hidden state. Owns both.</summary>
public sealed class RewardNetwork : IDisposable
{
    private RewardNetwork(TransformerDecoder decoder, Tensor score)
    {
        Decoder = decoder;
        Score = score;
    }

    /// <summary>The body.</summary>
    public TransformerDecoder Decoder { get; }

    /// <summary>The scoring weight [1, hidden]; read at a sequence's last id.</summary>
    public Tensor Score { get; }

    /// <summary>A reward model whose body starts as a copy of a language model's, with a small random scoring weight.</summary>
    /// <param name="policy">The language model; not modified.</param>
    /// <param name="seed">Seed of the scoring weight.</param>
    public static RewardNetwork FromPolicy(TransformerDecoder policy, int seed)
    {
        ArgumentNullException.ThrowIfNull(policy);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var decoder = DecoderCopy.Of(policy, withOutput: false);
        using var generator = new Generator((ulong)seed);
        var score = randn([1, policy.Config.HiddenSize], generator: generator).MultiplyInPlace(0.02).DetachFromDisposeScope();
        return new RewardNetwork(decoder, score);
    }

    /// <summary>A reward model that takes over a decoder, with a small random scoring weight in the decoder's number format.</summary>
    /// <param name="decoder">The body; owned from now on.</param>
    /// <param name="seed">Seed of the scoring weight.</param>
    internal static RewardNetwork Over(TransformerDecoder decoder, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator((ulong)seed);
        var score = randn([1, decoder.Config.HiddenSize], generator: generator).MultiplyInPlace(0.02).to(decoder.Dtype);
        return new RewardNetwork(decoder, score.DetachFromDisposeScope());
    }

    /// <summary>The rewards of sequences, in one batch.</summary>
    public float[] Rewards(IReadOnlyList<TrainingSequence> sequences)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var batch = new PaddedBatch(sequences);
        return Rewards(batch, Decoder.Embed(batch.Ids)).data<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        Score.Dispose();
    }

    /// <summary>The rewards [rows] of a batch with the given input embeddings [rows, length, hidden].</summary>
    internal Tensor Rewards(PaddedBatch batch, Tensor embeddings)
    {
        var hidden = Decoder.Forward(embeddings).flatten(0, 1).index_select(0, batch.LastIndices()); // [rows, hidden]
        return nn.functional.linear(hidden, Score).squeeze(-1);
    }
}
