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
/// <param name="Prefix">Ids before it; never empty.</param>
/// <param name="Suffix">Ids after it: what the model's template writes, or its EOS. Never empty.</param>
/// <param name="Rewriting">How answers are read that the model's template changes; null where it changes none.</param>
public sealed record RewardPrompt(IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix, AnswerRewriting? Rewriting = null);
