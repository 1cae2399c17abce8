using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// A reward that runs outside the process and reads texts. It has no gradient and needs no vocabulary. Its answers are waited for while
/// other jobs run.
/// </summary>
public sealed class RemoteReward : IReward
{
    private readonly Tokenizer _tokenizer;
    private readonly ConversationEncoder _encoder;
    private readonly IRewardEndpoint _endpoint;
    private readonly RewardScale _scale;

    /// <summary>Takes ownership of the endpoint.</summary>
    /// <param name="name">Its name, for requests.</param>
    /// <param name="policy">The policy, whose tokenizer writes the responses; it stays the caller's.</param>
    /// <param name="endpoint">Scores the texts.</param>
    /// <param name="kind">What answers there, for people.</param>
    /// <param name="scale">Zero and unit of its numbers; null for the numbers themselves.</param>
    public RemoteReward(string name, PolicyModel policy, IRewardEndpoint endpoint, string kind, RewardScale? scale = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(endpoint);
        Name = name;
        _tokenizer = policy.Tokenizer;
        _encoder = new ConversationEncoder(policy.Tokenizer, policy.Template);
        _endpoint = endpoint;
        _scale = scale ?? RewardScale.Raw;
        Description = new ModelDescription(name, kind, Hash: "", Device: "", Dtype: "", 0, 0, policy.Description.MaxPositions);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ModelDescription Description { get; }

    /// <inheritdoc/>
    public bool RewritesAnswers => false;

    /// <inheritdoc/>
    public bool HasGradient => false;

    /// <inheritdoc/>
    public bool ReadsText => true;

    /// <inheritdoc/>
    public string? Address => _endpoint.Address;

    IEnumerable<TransformerDecoder> IReward.Decoders => [];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies => [];

    ConversationEncoder IReward.Conversations => _encoder;

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages) => new TextPrompt(_encoder.EosId, messages);

    bool IReward.IsReading(RewardPrompt prompt) => false;

    IDisposable? IReward.Announce(IReadOnlyList<(RewardPrompt Prompt, IReadOnlyList<IReadOnlyList<int>> Answers)> scored) =>
        Ask([.. scored.Select(pair => ((TextPrompt)pair.Prompt, Texts(pair.Answers, [.. pair.Answers.Select(_ => true)])))]);

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) =>
        new RemoteRewardState(this, (TextPrompt)prompt);

    /// <inheritdoc/>
    public void Dispose() => _endpoint.Dispose();

    /// <summary>Begins to ask for the scores of answers that are not known yet.</summary>
    /// <param name="prompt">The conversation.</param>
    /// <param name="answers">Ids of each.</param>
    /// <param name="whole">Whether each is whole.</param>
    internal void Ask(TextPrompt prompt, IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) =>
        Ask([(prompt, Texts(answers, whole))]);

    /// <summary>The scores of answers.</summary>
    /// <param name="prompt">The conversation.</param>
    /// <param name="answers">Ids of each.</param>
    /// <param name="whole">Whether each is whole.</param>
    /// <exception cref="RewardFailedException">The reward did not answer, or its answer is no reward.</exception>
    internal float[] Score(TextPrompt prompt, IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole)
    {
        ResponseText[] responses = Texts(answers, whole);
        prompt.Trim();
        Ask([(prompt, responses)]);
        prompt.Await(responses);
        return [.. responses.Select(prompt.Of)];
    }

    private ResponseText[] Texts(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) =>
        [.. answers.Select((answer, row) => new ResponseText(_tokenizer.Decode(answer), whole[row]))];

    /// <summary>Begins to ask for the scores that are neither known nor asked for yet, all at once.</summary>
    private ScoreRequest? Ask(IReadOnlyList<(TextPrompt Prompt, ResponseText[] Responses)> wanted)
    {
        (TextPrompt Prompt, ResponseText[] Responses)[] unknown =
        [
            .. wanted
                .Select(pair => (pair.Prompt, Responses: pair.Prompt.Unknown(pair.Responses)))
                .Where(pair => pair.Responses.Length > 0),
        ];
        return unknown.Length == 0 ? null : new ScoreRequest(_endpoint, unknown, _scale);
    }
}
