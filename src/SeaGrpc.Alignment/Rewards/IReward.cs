using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>One reward of answers. Several rewards may be weighted against each other. Owns its models. Not thread-safe.</summary>
public interface IReward : IDisposable
{
    /// <summary>Its name, for requests that weight it.</summary>
    string Name { get; }

    /// <summary>The model that reads the answers.</summary>
    ModelDescription Description { get; }

    /// <summary>Whether its chat template changes some answers, which are then read as the template writes them.</summary>
    bool RewritesAnswers { get; }

    /// <summary>Whether it tells how an answer's tokens change it; otherwise only methods that take no gradient of it can run.</summary>
    bool HasGradient => true;

    /// <summary>
    /// Whether its gradient is that at the policy's own tokens. Otherwise it is an estimate for ranking tokens, and methods that move along
    /// it cannot run.
    /// </summary>
    bool HasExactGradient => HasGradient;

    /// <summary>
    /// How much higher an answer's reward must be for what follows from it. Any gain will do where its scale is not known.
    /// </summary>
    RewardGains Gains => RewardGains.Any;

    /// <summary>Whether it reads an answer's text. Otherwise it reads the policy's ids.</summary>
    bool ReadsText => false;

    /// <summary>Where it runs, if that is outside the process; otherwise null.</summary>
    string? Address => null;

    /// <summary>The networks that read answers.</summary>
    internal IEnumerable<TransformerDecoder> Decoders { get; }

    /// <summary>The vocabularies that must agree with the policy's; none if it reads text.</summary>
    internal IReadOnlyList<ModelVocabulary> Vocabularies { get; }

    /// <summary>Encodes conversations for it.</summary>
    internal ConversationEncoder Conversations { get; }

    /// <summary>The ids that it reads around an answer to a conversation. Thread-safe.</summary>
    internal RewardPrompt Encode(IReadOnlyList<ChatMessage> messages);

    /// <summary>Whether another job is reading the same prompt.</summary>
    internal bool IsReading(RewardPrompt prompt);

    /// <summary>
    /// Tells which whole answers to several prompts are scored next. A reward outside the process is asked for all of them at once, and
    /// answers while others compute.
    /// </summary>
    /// <returns>Stops what is still being asked when it is disposed; null if nothing is.</returns>
    internal IDisposable? Announce(IReadOnlyList<(RewardPrompt Prompt, IReadOnlyList<IReadOnlyList<int>> Answers)> scored) => null;

    /// <summary>Reads the prompt once for all answers.</summary>
    internal IRewardState Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost);
}

/// <summary>The ids that a reward reads around an answer.</summary>
/// <param name="Prefix">Ids before the answer; none if a reward model's template writes only the answer.</param>
/// <param name="Suffix">
/// Ids after the answer: what the model's template writes, or its EOS. Empty only if a reward reads text after which nothing is written.
/// </param>
/// <param name="Rewriting">How answers are read that the model's template changes; null if it changes none.</param>
public record RewardPrompt(IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix, AnswerRewriting? Rewriting = null)
{
    /// <summary>
    /// Whether the number of ids that are read for an answer depends on its text, so that a caller's answer must be measured.
    /// </summary>
    public virtual bool MeasuresAnswers => Rewriting is not null;

    /// <summary>Number of ids that are read for the conversation with a whole answer.</summary>
    /// <param name="answer">The answer's ids, without EOS.</param>
    /// <exception cref="Modeling.Tokenization.TokenizationException">
    /// The text that the template makes of it takes too long to encode.
    /// </exception>
    public virtual int LengthWith(IReadOnlyList<int> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Rewriting?.Read(answer) is { } changed ? changed.Kept + changed.Ids.Length : Prefix.Count + answer.Count + Suffix.Count;
    }

    /// <summary>
    /// Maximum number of tokens of an answer; less than 1 if there is no room. If the template makes answers longer, this is measured with
    /// plain words, so an answer that it lengthens more may not fit.
    /// </summary>
    /// <param name="positions">Maximum number of tokens that the model reads.</param>
    /// <param name="most">Upper bound of the result.</param>
    /// <exception cref="Modeling.Tokenization.TokenizationException">
    /// The text that the template makes of an answer takes too long to encode.
    /// </exception>
    public virtual int Room(int positions, int most)
    {
        int plain = Math.Min(most, LongestAnswer(positions));
        return Rewriting is null || plain < 1 ? plain : AnswerRoom.Measure(this, Rewriting.Words(plain), positions);
    }

    /// <summary>Maximum number of tokens of an answer if each is read as one id; less than 1 if there is no room.</summary>
    /// <param name="positions">Maximum number of tokens that the model reads.</param>
    public virtual int LongestAnswer(int positions) => positions - Prefix.Count - Suffix.Count;

    /// <summary>Number of ids that are expected to be read for the tokens of an answer.</summary>
    /// <param name="tokens">Number of the answer's tokens.</param>
    public virtual int AnswerIds(int tokens) => tokens;
}
