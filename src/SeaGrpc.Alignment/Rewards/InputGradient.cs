using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward model's gradient at its input embeddings.</summary>
internal static class InputGradient
{
    /// <summary>One forward and one backward pass, to the inputs only.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cache">The frozen cache of what precedes the inputs.</param>
    /// <param name="inputs">Embeddings [rows, width, hidden].</param>
    /// <param name="ends">Where each row's reward is computed, counted over all positions.</param>
    /// <param name="cost">Counts the passes.</param>
    /// <returns>The rewards [rows], and the gradient of their sum [rows, width, hidden], a tensor of the caller's scope.</returns>
    public static (float[] Rewards, Tensor Gradient) Of(
        RewardModel model, KeyValueCache cache, Tensor inputs, long[] ends, CostCounter cost)
    {
        cost.RewardForward(inputs.shape[0] * inputs.shape[1]);
        using RecordedPass recorded = model.Decoder.Record(inputs, cache);
        return Of(model, recorded, ends, cost);
    }

    /// <summary>The same for a forward pass that has been done: the gradient at the pass's inputs.</summary>
    public static (float[] Rewards, Tensor Gradient) Of(RewardModel model, RecordedPass recorded, long[] ends, CostCounter cost)
    {
        Tensor at = tensor(ends, device: model.Decoder.Device);
        Tensor states = recorded.Hidden.reshape(-1, recorded.Hidden.shape[2]).index_select(0, at);
        Tensor rewards;
        Tensor atStates;
        using (enable_grad())
        {
            states.requires_grad_(true);
            rewards = model.Head.Rewards(states);
            atStates = autograd.grad([rewards.sum()], [states])[0];
        }

        cost.RewardBackward(recorded.Hidden.shape[0] * recorded.Hidden.shape[1]);
        Tensor atHidden = zeros_like(recorded.Hidden);
        atHidden.view(-1, atHidden.shape[2]).index_copy_(0, at, atStates);
        return (rewards.detach().cpu().data<float>().ToArray(), recorded.Backward(atHidden));
    }
}
