using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>Turns a prompt into ids for both models. Thread-safe; names no tensors.</summary>
/// <remarks>
/// The reward model reads its own template: prefix + response + suffix, all hard ids. Special tokens inside a caller's
/// text are text; only what a template writes around it is control.
/// </remarks>
public sealed class PromptEncoder
{
    /// <summary>For one pair of models.</summary>
    public PromptEncoder(PolicyModel policy, RewardModel reward)
    {
        Policy = policy;
        Reward = reward;
    }

    private PolicyModel Policy { get; }

    private RewardModel Reward { get; }

    /// <summary>Encodes a conversation by each model's chat template.</summary>
    /// <exception cref="ChatTemplateException">A template rejects it.</exception>
    public EncodedPrompt EncodeChat(IReadOnlyList<ChatMessage> messages) => throw new NotImplementedException();

    /// <summary>Encodes a raw text: the policy continues it as it stands; the reward model reads it as one user turn where it has a template.</summary>
    public EncodedPrompt EncodeText(string text) => throw new NotImplementedException();

    /// <summary>Takes ids as they are for the policy (BOS put before them where the model has one and they lack it); for the reward model they are decoded and read as in <see cref="EncodeText"/>.</summary>
    public EncodedPrompt EncodeIds(IReadOnlyList<int> ids) => throw new NotImplementedException();
}
