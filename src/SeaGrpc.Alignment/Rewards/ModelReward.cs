using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>The score of a reward model that has the policy's vocabulary.</summary>
public sealed class ModelReward : IReward
{
    private readonly ConversationEncoder _encoder;

    /// <summary>Takes ownership of the model.</summary>
    /// <param name="name">Its name, for requests.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="ChatTemplateException">Its chat template cannot render one user turn and its answer, or leaves the answer
    /// out.</exception>
    public ModelReward(string name, RewardModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Name = name;
        Model = model;
        _encoder = new ConversationEncoder(model.Tokenizer, model.Template);
        // Checked now, so that a template that leaves answers out is refused when loading.
        _ = _encoder.RewritesAnswers;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The model.</summary>
    public RewardModel Model { get; }

    /// <inheritdoc/>
    public ModelDescription Description => Model.Description;

    /// <inheritdoc/>
    public bool RewritesAnswers => _encoder.RewritesAnswers;

    /// <inheritdoc/>
    public RewardGains Gains => Model.Gains;

    IEnumerable<TransformerDecoder> IReward.Decoders => [Model.Decoder];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies => [Model.Vocabulary()];

    ConversationEncoder IReward.Conversations => _encoder;

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages)
    {
        (int[] prefix, int[] suffix) = _encoder.EncodeAroundResponse(messages);
        return new RewardPrompt(prefix, suffix, _encoder.RewritingOf(messages, prefix));
    }

    bool IReward.IsReading(RewardPrompt prompt) => Model.Decoder.IsReading(prompt.Prefix);

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) =>
        new ModelRewardState(Model, prompt, isEos, cost);

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
