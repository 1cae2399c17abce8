using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Iterations;

/// <summary>
/// One iteration written straight from the paper, as the baseline of measurements: dense straight-through one-hot tokens times the
/// embedding matrix, prompt and response through both models every time, autograd through everything, weights that ask for
/// gradients. Same energy, same step, same exact scores as <see cref="LangevinSampler"/>. Owns its tensors.
/// </summary>
/// <remarks>
/// Two things are done as a careful writer would: logits are computed at the response's positions only, and the exact scores
/// look their tokens up, without gradients. Every draft must end with EOS at its last position, and the reward model's suffix be that EOS.
/// </remarks>
internal sealed class PlainIteration : IDisposable
{
    private readonly RunContext _context;
    private readonly SeaParameters _parameters;
    private readonly RewardModel _reward;
    private readonly Tensor[] _weights;
    private readonly Tensor _logits;
    private readonly LangevinStep _step;

    public PlainIteration(RunContext context, SeaParameters parameters, HardResponses drafts)
    {
        _context = context;
        _parameters = parameters;
        _reward = ((ModelReward)context.Models.Rewards[0]).Model;
        _weights = [.. Policy.Leaves(), .. _reward.Decoder.Leaves(), _reward.Head.Weight];
        _logits = ChainLogits.Initialise(context, parameters, drafts);
        _step = new LangevinStep(parameters, _logits.shape[0] * _logits.shape[1], _logits.shape[2], _logits.device, context.Generator);
    }

    private TransformerDecoder Policy => _context.Models.Policy.Decoder;

    private EncodedPrompt Prompt => _context.Task.Prompt;

    /// <summary>
    /// dU/dY by autograd: [chains, positions, vocabulary]; a tensor of the caller's scope. The weights' gradients pile up.
    /// </summary>
    public Tensor Gradient()
    {
        using var scope = NewDisposeScope();
        Array.ForEach(_weights, weight => weight.requires_grad_(true));
        try
        {
            Tensor leaf = _logits.detach().requires_grad_(true);
            Energy(leaf).backward();
            return leaf.grad!.MoveToOuterDisposeScope();
        }
        finally
        {
            Array.ForEach(_weights, weight => weight.requires_grad_(false));
        }
    }

    /// <summary>The Langevin step on Y.</summary>
    public void Step(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _step.BeginIteration();
        _step.Apply(
            _logits.flatten(0, 1), gradient.flatten(0, 1), ones([_logits.shape[0] * _logits.shape[1], 1], device: _logits.device), 0);
    }

    /// <summary>The exact energies of the argmax tokens.</summary>
    public float[] Score()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor ids = _logits.argmax(-1);
        Tensor own = nn.functional.log_softmax(PolicyLogits(Policy.Embed(ids)), -1).gather(2, ids.unsqueeze(2)).sum([1, 2]);
        Tensor energy = own.Plus(Rewards(_reward.Decoder.Embed(ids)).Times(_parameters.RewardWeight)).Times(Alignment.Energy.Sign);
        return energy.cpu().data<float>().ToArray();
    }

    public void Dispose()
    {
        foreach (Tensor weight in _weights)
        {
            weight.grad?.Dispose();
            weight.grad = null;
        }

        _logits.Dispose();
        _step.Dispose();
    }

    // U = -(log p(y) + alpha r(y)), summed over the chains, of straight-through one-hot tokens.
    private Tensor Energy(Tensor relaxed)
    {
        Tensor soft = nn.functional.softmax(relaxed.DividedBy(_parameters.Temperature), -1);
        Tensor hard = nn.functional.one_hot(relaxed.argmax(-1), relaxed.shape[2]).to(ScalarType.Float32);
        Tensor tokens = (hard - soft.detach()).Plus(soft);
        Tensor predictions = nn.functional.log_softmax(PolicyLogits(Smoothed(tokens, Policy)), -1);
        Tensor rewards = Rewards(Smoothed(tokens, _reward.Decoder));
        return (predictions * tokens).sum().Plus(rewards.sum().Times(_parameters.RewardWeight)).Times(Alignment.Energy.Sign);
    }

    private Tensor Smoothed(Tensor tokens, TransformerDecoder decoder)
    {
        Tensor embeddings = matmul(tokens.to(decoder.Dtype), decoder.EmbeddingWeight);
        return _parameters.EmbeddingNoise == 0
            ? embeddings
            : embeddings.Plus(randn(embeddings.shape, generator: _context.Generator, dtype: decoder.Dtype, device: decoder.Device)
                * decoder.EmbeddingDeviation.Times(_parameters.EmbeddingNoise));
    }

    // [chains, positions, vocabulary], fp32: what predicts each token of the response.
    private Tensor PolicyLogits(Tensor embeddings)
    {
        Tensor hidden = Policy.Forward(AfterPrompt(embeddings, Prompt.Policy, Policy));
        return Policy.Logits(hidden.narrow(1, Prompt.Policy.Count - 1, embeddings.shape[1])).to(ScalarType.Float32);
    }

    private Tensor Rewards(Tensor embeddings)
    {
        Tensor hidden = _reward.Decoder.Forward(AfterPrompt(embeddings, Prompt.Rewards[0].Prefix, _reward.Decoder));
        return _reward.Head.Rewards(hidden.select(1, hidden.shape[1] - 1));
    }

    private static Tensor AfterPrompt(Tensor embeddings, IReadOnlyList<int> prompt, TransformerDecoder decoder)
    {
        Tensor ids = tensor(prompt.Select(id => (long)id).ToArray(), device: decoder.Device).unsqueeze(0);
        return cat([decoder.Embed(ids).expand(embeddings.shape[0], -1, -1), embeddings], 1);
    }
}
