using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// What tuning has changed in a language model: log pi_tuned(y|x) - log pi_base(y|x), in nats. It needs no reward model. For a model tuned
/// on preferences it is the reward that it was tuned for, up to a constant of the prompt.
/// </summary>
/// <remarks>Rafailov et al., "Direct preference optimization: your language model is secretly a reward model", 2023.</remarks>
public sealed class ImplicitReward : IReward
{
    private readonly ConversationEncoder _encoder;

    /// <summary>Takes ownership of both models.</summary>
    /// <param name="name">Its name, for requests.</param>
    /// <param name="tuned">The tuned model. Both models read its chat template.</param>
    /// <param name="basis">The model that it was tuned from.</param>
    public ImplicitReward(string name, PolicyModel tuned, PolicyModel basis)
    {
        ArgumentNullException.ThrowIfNull(tuned);
        ArgumentNullException.ThrowIfNull(basis);
        Name = name;
        Tuned = tuned;
        Basis = basis;
        _encoder = new ConversationEncoder(tuned.Tokenizer, tuned.Template);
    }

    /// <summary>Loads both models. If the second fails to load or does not fit, the first is disposed.</summary>
    /// <param name="name">Its name, for requests.</param>
    /// <param name="loadTuned">Loads the tuned model.</param>
    /// <param name="loadBasis">Loads the model that it was tuned from.</param>
    public static ImplicitReward Load(string name, Func<PolicyModel> loadTuned, Func<PolicyModel> loadBasis)
    {
        ArgumentNullException.ThrowIfNull(loadTuned);
        ArgumentNullException.ThrowIfNull(loadBasis);
        PolicyModel tuned = loadTuned();
        PolicyModel? basis = null;
        try
        {
            basis = loadBasis();
            return new ImplicitReward(name, tuned, basis);
        }
        catch
        {
            tuned.Dispose();
            basis?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The tuned model.</summary>
    public PolicyModel Tuned { get; }

    /// <summary>The model that it was tuned from.</summary>
    public PolicyModel Basis { get; }

    /// <inheritdoc/>
    public ModelDescription Description => Tuned.Description;

    /// <inheritdoc/>
    public bool RewritesAnswers => false;

    IEnumerable<TransformerDecoder> IReward.Decoders => [Tuned.Decoder, Basis.Decoder];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies =>
    [
        new ModelVocabulary("tuned model", Tuned.Description.Name, Tuned.Tokenizer, Tuned.Decoder.Config.VocabularySize),
        new ModelVocabulary("base model", Basis.Description.Name, Basis.Tokenizer, Basis.Decoder.Config.VocabularySize),
    ];

    ConversationEncoder IReward.Conversations => _encoder;

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages) => new(
        _encoder.HasTemplate ? _encoder.EncodeConversation(messages) : _encoder.EncodeLines(messages), [_encoder.EosId]);

    bool IReward.IsReading(RewardPrompt prompt) => Tuned.Decoder.IsReading(prompt.Prefix) || Basis.Decoder.IsReading(prompt.Prefix);

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) =>
        new ImplicitRewardState(Tuned.Decoder, Basis.Decoder, prompt, isEos, cost);

    /// <inheritdoc/>
    public void Dispose()
    {
        Tuned.Dispose();
        Basis.Dispose();
    }
}
