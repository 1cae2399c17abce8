using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>Encodes prompts as ids for all models. Thread-safe; contains no tensors.</summary>
/// <remarks>
/// Each reward model reads its own template: prefix + response + suffix, all hard ids; one that reads text encodes the whole itself.
/// Special tokens inside a caller's text are plain text. Only what a template writes around it contains control tokens.
/// </remarks>
public sealed class PromptEncoder
{
    private readonly ConversationEncoder _policy;
    private readonly Tokenizer _tokenizer;
    private readonly IReadOnlyList<IReward> _rewards;

    /// <summary>Creates an encoder for a policy and its rewards.</summary>
    public PromptEncoder(PolicyModel policy, IReadOnlyList<IReward> rewards)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rewards);
        _policy = new ConversationEncoder(policy.Tokenizer, policy.Template);
        _tokenizer = policy.Tokenizer;
        _rewards = rewards;
    }

    /// <summary>The id that ends the policy's answers.</summary>
    public int EosId => _policy.EosId;

    /// <summary>Encodes a conversation with each model's chat template.</summary>
    /// <exception cref="ChatTemplateException">A template rejects the conversation, or the policy has none.</exception>
    public EncodedPrompt EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        if (!_policy.HasTemplate)
        {
            throw new ChatTemplateException(
                "The policy has no chat template: send the prompt as text, or add a chat_template to its tokenizer_config.json.");
        }

        return WithRewards(_policy.EncodeConversation(messages), messages);
    }

    /// <summary>Encodes a raw text. The policy continues it unchanged. A reward model with a template reads it as one user turn.</summary>
    public EncodedPrompt EncodeText(string text) =>
        WithRewards(_policy.EncodeText(text), [new ChatMessage("user", text)]);

    /// <summary>
    /// Uses ids exactly as given, without adding or merging anything. So does a reward without a chat template if they are the same tokens
    /// in its vocabulary. Other rewards read their text, without special tokens, as in <see cref="EncodeText"/>.
    /// </summary>
    public EncodedPrompt EncodeIds(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ChatMessage[] text = [new("user", _policy.Decode(ids))];
        return new(
            [.. ids],
            [.. _rewards.Select(
                reward => ReadsIds(reward, ids) ? new RewardPrompt([.. ids], [reward.Conversations.EosId]) : reward.Encode(text))]);
    }

    /// <summary>The ids of a response given as text.</summary>
    public int[] EncodeResponse(string text) => _policy.EncodeResponse(text);

    // A reward without a vocabulary reads texts alone.
    private bool ReadsIds(IReward reward, IReadOnlyList<int> ids) =>
        !reward.Conversations.HasTemplate && reward.Vocabularies.Count > 0 && reward.Vocabularies.All(
            vocabulary => ids.All(id => id < vocabulary.Rows && vocabulary.Tokenizer.TokenOf(id) == _tokenizer.TokenOf(id)));

    private EncodedPrompt WithRewards(int[] policyIds, IReadOnlyList<ChatMessage> messages) =>
        new(policyIds, [.. _rewards.Select(reward => reward.Encode(messages))]);
}
