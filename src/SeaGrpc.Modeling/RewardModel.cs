using SeaGrpc.Modeling.Checkpoints;
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

    /// <summary>Loads a LlamaForSequenceClassification folder with one label.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">Where and how to load it.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or does not fit; the message names it and what to change.</exception>
    /// <exception cref="ArgumentException">The device is unknown or absent.</exception>
    public static RewardModel Load(string folder, ModelLoadOptions? options = null)
    {
        using var loader = new CheckpointLoader(folder, CheckpointConfig.SequenceClassifier, options ?? new ModelLoadOptions());
        if (loader.Config.LabelCount != 1)
        {
            throw new CheckpointException(
                Path.Combine(folder, "config.json"),
                $"the classifier has {loader.Config.LabelCount} labels, but a reward model has 1; set num_labels (id2label) or use a reward model.");
        }

        TransformerDecoder decoder = loader.Decoder(withOutput: false);
        Tensor score = loader.Take("score.weight", [1, loader.Config.Transformer.HiddenSize]).DetachFromDisposeScope();
        return new RewardModel(decoder, score, loader.Tokenizer, loader.Template, loader.Describe(decoder, score.numel()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        ScoreWeight.Dispose();
    }
}
