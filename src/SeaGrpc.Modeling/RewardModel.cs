using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>A reward model with its tokenizer: LlamaForSequenceClassification with one label.</summary>
public sealed class RewardModel : IDisposable
{
    /// <summary>Puts the parts together and takes the decoder and the head over.</summary>
    /// <param name="decoder">The network without an output projection.</param>
    /// <param name="scoreWeight">The head, score.weight [1, hidden].</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">The model's chat template, or null.</param>
    /// <param name="description">What was loaded.</param>
    public RewardModel(TransformerDecoder decoder, Tensor scoreWeight, Tokenizer tokenizer, ChatTemplate? template, ModelDescription description)
    {
        Decoder = decoder;
        ScoreWeight = scoreWeight;
        Tokenizer = tokenizer;
        Template = template;
        Description = description;
    }

    /// <summary>The network.</summary>
    public TransformerDecoder Decoder { get; }

    /// <summary>The head [1, hidden]: the reward is its product with the hidden state at the sequence's end, a raw logit.</summary>
    public Tensor ScoreWeight { get; }

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model's chat template, or null.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>What was loaded, for people and for GetServerInfo.</summary>
    public ModelDescription Description { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        ScoreWeight.Dispose();
    }
}
