using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling;

/// <summary>
/// A reward model with its tokenizer: a ForSequenceClassification model of any supported family with one label, or Qwen2ForRewardModel.
/// </summary>
public sealed class RewardModel : IDisposable
{
    /// <summary>Combines the parts and takes ownership of the decoder and the head.</summary>
    /// <param name="decoder">The network without an output projection.</param>
    /// <param name="head">The head.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">The model's chat template, or null.</param>
    /// <param name="description">Description of the loaded model.</param>
    public RewardModel(
        TransformerDecoder decoder, RewardHead head, Tokenizer tokenizer, ChatTemplate? template, ModelDescription description)
    {
        Decoder = decoder;
        Head = head;
        Tokenizer = tokenizer;
        Template = template;
        Description = description;
    }

    /// <summary>The network.</summary>
    public TransformerDecoder Decoder { get; }

    /// <summary>Computes the reward from the hidden state at the end of a sequence.</summary>
    public RewardHead Head { get; }

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model's chat template, or null.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>Description of the loaded model, for people and for GetServerInfo.</summary>
    public ModelDescription Description { get; }

    /// <summary>Loads a reward model's folder.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="scale">Zero and unit of its rewards. Null for raw logits.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing, damaged or inconsistent. The message names it and what to change.
    /// </exception>
    /// <exception cref="ArgumentException">The device is unknown or absent.</exception>
    public static RewardModel Load(string folder, ModelLoadOptions? options = null, RewardScale? scale = null)
    {
        using var loader = new CheckpointLoader(folder, [ModelHead.Score, ModelHead.TwoLayerScore], options ?? new ModelLoadOptions());
        if (loader.Config.LabelCount != 1)
        {
            throw new CheckpointException(
                Path.Combine(folder, "config.json"),
                $"the classifier has {loader.Config.LabelCount} labels, but a reward model has 1; "
                    + "set num_labels (id2label) or use a reward model.");
        }

        TransformerDecoder decoder = loader.Decoder(withOutput: false);
        try
        {
            RewardHead head = RewardHead.Load(loader, scale ?? RewardScale.Raw);
            return new RewardModel(decoder, head, loader.Tokenizer, loader.Template, loader.Describe(decoder, head.ParameterCount));
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder.Dispose();
        Head.Dispose();
    }
}
