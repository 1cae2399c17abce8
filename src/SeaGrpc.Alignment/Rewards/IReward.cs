using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>One reward of answers; several may be weighted against each other. Owns its models; one thread at a time.</summary>
public interface IReward : IDisposable
{
    /// <summary>Its name, for requests that weight it.</summary>
    string Name { get; }

    /// <summary>The model that reads the answers.</summary>
    ModelDescription Description { get; }

    /// <summary>Whether its chat template changes some answers, which are then read as it writes them.</summary>
    bool RewritesAnswers { get; }

    /// <summary>Whether it tells how an answer's tokens change it; otherwise only methods that take no gradient of it can run.</summary>
    bool HasGradient => true;

    /// <summary>The networks that read answers.</summary>
    internal IEnumerable<TransformerDecoder> Decoders { get; }

    /// <summary>The vocabularies that must agree with the policy's.</summary>
    internal IReadOnlyList<ModelVocabulary> Vocabularies { get; }

    /// <summary>Its way from conversations to ids.</summary>
    internal ConversationEncoder Conversations { get; }

    /// <summary>What it reads around an answer to a conversation. Thread-safe.</summary>
    internal RewardPrompt Encode(IReadOnlyList<ChatMessage> messages);

    /// <summary>Whether another job is just reading the same.</summary>
    internal bool IsReading(RewardPrompt prompt);

    /// <summary>Reads the prompt, once for all answers.</summary>
    internal IRewardState Prefill(RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost);
}

/// <summary>What a reward reads around an answer.</summary>
/// <param name="Prefix">Ids before it; none where a reward model's template writes the answer alone.</param>
/// <param name="Suffix">Ids after it: what the model's template writes, or its EOS. Never empty.</param>
/// <param name="Rewriting">How answers are read that the model's template changes; null if it changes none.</param>
public record RewardPrompt(IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix, AnswerRewriting? Rewriting = null)
{
    /// <summary>How many ids are read of the conversation with a whole answer.</summary>
    /// <param name="answer">The answer's ids, without EOS.</param>
    /// <exception cref="Modeling.Tokenization.TokenizationException">What the template makes of it takes too long to encode.</exception>
    public int LengthWith(IReadOnlyList<int> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Rewriting?.Read(answer) is { } changed ? changed.Kept + changed.Ids.Length : Prefix.Count + answer.Count + Suffix.Count;
    }

    /// <summary>
    /// How many tokens an answer may have; less than 1 where there is no room for one. Where the template makes answers longer, this is
    /// measured with plain words: an answer of which it makes still more may not fit.
    /// </summary>
    /// <param name="positions">Maximum number of tokens that the model reads.</param>
    /// <param name="most">Upper bound of the question.</param>
    /// <exception cref="Modeling.Tokenization.TokenizationException">What the template makes of an answer takes too long to
    /// encode.</exception>
    public int Room(int positions, int most)
    {
        int plain = Math.Min(most, positions - Prefix.Count - Suffix.Count);
        return Rewriting is null || plain < 1 ? plain : AnswerRoom.Measure(this, Rewriting.Words(plain), positions);
    }
}
