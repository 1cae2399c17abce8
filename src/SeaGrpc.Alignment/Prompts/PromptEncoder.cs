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
    private readonly ConversationEncoder policy;
    private readonly IReadOnlyList<IReward> rewards;

    /// <summary>For a policy and its rewards.</summary>
    public PromptEncoder(PolicyModel policy, IReadOnlyList<IReward> rewards)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rewards);
        this.policy = new ConversationEncoder(policy.Tokenizer, policy.Template);
        this.rewards = rewards;
    }

    /// <summary>The id that the policy ends its answers with.</summary>
    public int EosId => policy.EosId;

    /// <summary>Encodes a conversation by each model's chat template.</summary>
    /// <exception cref="ChatTemplateException">A template rejects it, or the policy has none.</exception>
    public EncodedPrompt EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        if (!policy.HasTemplate)
        {
            throw new ChatTemplateException(
                "The policy has no chat template: send the prompt as text, or add a chat_template to its tokenizer_config.json.");
        }

        return WithRewards(policy.EncodeConversation(messages), messages);
    }

    /// <summary>Encodes a raw text: the policy continues it as it stands; the reward model reads it as one user turn where it has a template.</summary>
    public EncodedPrompt EncodeText(string text) =>
        WithRewards(policy.EncodeText(text), [new ChatMessage("user", text)]);

    /// <summary>
    /// Takes ids as they are for the policy (BOS put before them where the model has one and they lack it); for the reward
    /// model they are decoded and read as in <see cref="EncodeText"/>.
    /// </summary>
    public EncodedPrompt EncodeIds(IReadOnlyList<int> ids) =>
        WithRewards(policy.WithBos(ids), [new ChatMessage("user", policy.Decode(ids))]);

    /// <summary>The ids of a response that is handed in as a text.</summary>
    public int[] EncodeResponse(string text) => policy.EncodeResponse(text);

    private EncodedPrompt WithRewards(int[] policyIds, IReadOnlyList<ChatMessage> messages) =>
        new(policyIds, [.. rewards.Select(reward => reward.Encode(messages))]);
}
