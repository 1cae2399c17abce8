using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>Turns a prompt into ids for all models. Thread-safe; names no tensors.</summary>
/// <remarks>
/// Each reward model reads its own template: prefix + response + suffix, all hard ids. Special tokens inside a caller's
/// text are text; only what a template writes around it is control.
/// </remarks>
public sealed class PromptEncoder
{
    private readonly ConversationEncoder _policy;
    private readonly Tokenizer _tokenizer;
    private readonly IReadOnlyList<IReward> _rewards;

    /// <summary>For a policy and its rewards.</summary>
    public PromptEncoder(PolicyModel policy, IReadOnlyList<IReward> rewards)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rewards);
        _policy = new ConversationEncoder(policy.Tokenizer, policy.Template);
        _tokenizer = policy.Tokenizer;
        _rewards = rewards;
    }

    /// <summary>The id that the policy ends its answers with.</summary>
    public int EosId => _policy.EosId;

    /// <summary>Encodes a conversation by each model's chat template.</summary>
    /// <exception cref="ChatTemplateException">A template rejects it, or the policy has none.</exception>
    public EncodedPrompt EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        if (!_policy.HasTemplate)
        {
            throw new ChatTemplateException(
                "The policy has no chat template: send the prompt as text, or add a chat_template to its tokenizer_config.json.");
        }

        return WithRewards(_policy.EncodeConversation(messages), messages);
    }

    /// <summary>
    /// Encodes a raw text: the policy continues it as it stands; the reward model reads it as one user turn where it has a template.
    /// </summary>
    public EncodedPrompt EncodeText(string text) =>
        WithRewards(_policy.EncodeText(text), [new ChatMessage("user", text)]);

    /// <summary>
    /// Takes ids exactly as they are: nothing is put before them, nothing collapses. So does a reward without a chat template, where they
    /// are the same tokens to it; others read their text, special tokens left out, as in <see cref="EncodeText"/>.
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

    /// <summary>The ids of a response given as a text.</summary>
    public int[] EncodeResponse(string text) => _policy.EncodeResponse(text);

    private bool ReadsIds(IReward reward, IReadOnlyList<int> ids) => !reward.Conversations.HasTemplate && reward.Vocabularies.All(
        vocabulary => ids.All(id => id < vocabulary.Rows && vocabulary.Tokenizer.TokenOf(id) == _tokenizer.TokenOf(id)));

    private EncodedPrompt WithRewards(int[] policyIds, IReadOnlyList<ChatMessage> messages) =>
        new(policyIds, [.. _rewards.Select(reward => reward.Encode(messages))]);
}
