using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>A prompt as both models have read it: keys and values computed once, read by every row of every iteration.</summary>
internal sealed class PromptState : IDisposable
{
    private PromptState(EncodedPrompt prompt, KeyValueCache policyCache, Tensor policyLast, KeyValueCache rewardCache)
    {
        Prompt = prompt;
        PolicyCache = policyCache;
        PolicyLast = policyLast;
        RewardCache = rewardCache;
    }

    public EncodedPrompt Prompt { get; }

    /// <summary>The policy's frozen cache over the whole prompt, one row.</summary>
    public KeyValueCache PolicyCache { get; }

    /// <summary>The policy's hidden state at the prompt's last position, which predicts the response's first token: [1, 1, hidden].</summary>
    public Tensor PolicyLast { get; }

    /// <summary>The reward model's frozen cache over its prefix, one row.</summary>
    public KeyValueCache RewardCache { get; }

    public static PromptState Prefill(AlignmentModels models, EncodedPrompt prompt, CostCounter cost)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (KeyValueCache policyCache, Tensor policyHidden) = Read(models.Policy.Decoder, prompt.Policy);
        (KeyValueCache rewardCache, _) = Read(models.Reward.Decoder, prompt.RewardPrefix);
        cost.PolicyForward(prompt.Policy.Count);
        cost.RewardForward(prompt.RewardPrefix.Count);
        Tensor last = policyHidden.narrow(1, prompt.Policy.Count - 1, 1).clone().DetachFromDisposeScope();
        return new PromptState(prompt, policyCache, last, rewardCache);
    }

    public void Dispose()
    {
        PolicyCache.Dispose();
        PolicyLast.Dispose();
        RewardCache.Dispose();
    }

    private static (KeyValueCache Cache, Tensor Hidden) Read(TransformerDecoder decoder, IReadOnlyList<int> ids)
    {
        KeyValueCache cache = KeyValueCache.Create(decoder, 1, ids.Count);
        Tensor tokens = tensor(ids.Select(id => (long)id).ToArray(), device: decoder.Device).unsqueeze(0);
        Tensor hidden = decoder.Forward(decoder.Embed(tokens), cache);
        return (cache.Freeze(), hidden);
    }
}
