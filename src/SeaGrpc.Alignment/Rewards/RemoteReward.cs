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
    public string? Address => _endpoint.Address;

    IEnumerable<TransformerDecoder> IReward.Decoders => [];

    IReadOnlyList<ModelVocabulary> IReward.Vocabularies => [];

    ConversationEncoder IReward.Conversations => _encoder;

    RewardPrompt IReward.Encode(IReadOnlyList<ChatMessage> messages) => new TextPrompt(_encoder.EosId, messages);

    bool IReward.IsReading(RewardPrompt prompt) => false;

    IRewardState IReward.Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost) =>
        new RemoteRewardState(
            ids => _tokenizer.Decode(ids), (responses, stop) => ScoreAsync(((TextPrompt)prompt).Messages, responses, stop));

    /// <inheritdoc/>
    public void Dispose() => _endpoint.Dispose();

    private async Task<float[]> ScoreAsync(
        IReadOnlyList<ChatMessage> messages, IReadOnlyList<ResponseText> responses, CancellationToken stop)
    {
        IReadOnlyList<double> raw = await _endpoint.ScoreAsync(messages, responses, stop).ConfigureAwait(false);
        return [.. raw.Select(score => (float)((score - _scale.Mean) / _scale.Deviation))];
    }

    /// <summary>A conversation that is sent as it is; no model here reads it.</summary>
    /// <param name="Eos">The policy's EOS, which ends an answer.</param>
    /// <param name="Messages">The conversation.</param>
    private sealed record TextPrompt(int Eos, IReadOnlyList<ChatMessage> Messages) : RewardPrompt([], [Eos]);
}
