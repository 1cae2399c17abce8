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
    /// <param name="gains">What <see cref="Gains"/> is; null for any.</param>
    public RewardModel(
        TransformerDecoder decoder, RewardHead head, Tokenizer tokenizer, ChatTemplate? template, ModelDescription description,
        RewardGains? gains = null)
    {
        Gains = gains ?? RewardGains.Any;
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

    /// <summary>
    /// How much higher the reward of a response must be for what follows from it. Its config.json may say one number for all
    /// (min_reward_gain, in units of the raw score). Otherwise it is <see cref="RewardGains.OfPreferences"/> for a model with one label,
    /// and any gain for what is made of several labels, whose scales differ.
    /// </summary>
    public RewardGains Gains { get; }

    /// <summary>Loads a reward model's folder.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">Where and how to load it.</param>
    /// <param name="scale">What is taken for 0 and 1 of its rewards; by default they are raw.</param>
    /// <param name="reading">Which of its labels make the reward; null for a classifier with one label.</param>
    /// <param name="beside">
    /// A loaded policy, or null. Embeddings and lowest layers that are the same bit by bit are not stored again, so the policy must outlive
    /// this model.
    /// </param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or does not fit; the message names it and what to
    /// change.</exception>
    /// <exception cref="ArgumentException">The device is unknown or absent.</exception>
    public static RewardModel Load(
        string folder, ModelLoadOptions? options = null, RewardScale? scale = null, LabelReading? reading = null,
        PolicyModel? beside = null)
    {
        using var loader = new CheckpointLoader(folder, [ModelHead.Score, ModelHead.TwoLayerScore], options ?? new ModelLoadOptions());
        RewardLabels labels = RewardLabels.Of(folder, loader.Config, reading);
        TransformerDecoder decoder = loader.Decoder(withOutput: false, beside);
        try
        {
            scale ??= RewardScale.Raw;
            RewardHead head = RewardHead.Load(loader, scale, labels);
            RewardGains gains = loader.Config.MinRewardGain is { } gain ? new RewardGains(gain, gain, gain)
                : labels.Count == 1 ? RewardGains.OfPreferences : RewardGains.Any;
            return new RewardModel(
                decoder, head, loader.Tokenizer, loader.Template, loader.Describe(decoder, head.ParameterCount),
                gains.Per(scale.Deviation));
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
