using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>
/// A reward model's score of an answer's text. The model has a vocabulary of its own: the text is put into its chat template, and the
/// whole is encoded by its tokenizer. Scores are exact. Its gradient is an estimate, which only ranks the policy's tokens.
/// </summary>
public sealed class TextModelReward : IReward
{
    private readonly ConversationEncoder _encoder;
    private readonly Tokenizer _policy;
    private readonly Lazy<TextVocabulary> _vocabulary;

    /// <summary>Takes ownership of the model.</summary>
    /// <param name="name">Its name, for requests.</param>
    /// <param name="model">The model.</param>
    /// <param name="policy">The policy, whose tokenizer decodes answers; it stays the caller's.</param>
    /// <exception cref="ChatTemplateException">Its chat template cannot render one user turn and its answer, or leaves the answer
    /// out.</exception>
    public TextModelReward(string name, RewardModel model, PolicyModel policy)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(policy);
        Name = name;
        Model = model;
        _policy = policy.Tokenizer;
        _encoder = new ConversationEncoder(model.Tokenizer, model.Template);
        // Checked now, so that a template that leaves answers out is refused when loading.
        _ = _encoder.RewritesAnswers;
        int rows = policy.Description.VocabularySize;
        _vocabulary = new Lazy<TextVocabulary>(
            () => TextVocabulary.Of(_policy, rows, model.Tokenizer, model.Decoder.Config.VocabularySize));
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
    public bool ReadsText => true;

    /// <inheritdoc/>
    public bool HasExactGradient => false;

    /// <inheritdoc/>
    public RewardGains Gains => Model.Gains;

    IEnumerable<TransformerDecoder> IReward.Decoders => [Model.Decoder];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies => [];

    ConversationEncoder IReward.Conversations => _encoder;

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages) => new TextRewardPrompt(_policy, _encoder.Answered(messages));

    bool IReward.IsReading(RewardPrompt prompt) => Model.Decoder.IsReading(prompt.Prefix);

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) =>
        new TextRewardState(Model, _vocabulary, (TextRewardPrompt)prompt, cost);

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
