using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Oracle;

/// <summary>
/// The energy of SEA as one would first write it: a dense one-hot times the embedding matrix, autograd everywhere, the
/// whole sequence each time, no cache, one row at a time.
/// </summary>
internal sealed class PlainSea(AlignmentModels models, EncodedPrompt prompt, SeaParameters parameters, ScalarType dtype)
{
    private readonly PlainDecoder _policy = new(models.Policy.Decoder, dtype);
    private readonly PlainDecoder _reward = new(models.Reward.Decoder, dtype);
    private readonly Tensor _score = models.Reward.Head.Weight.to(dtype);

    /// <summary>dU/dY of one row by autograd, through the dense straight-through one-hot.</summary>
    /// <param name="logits">Y [positions, vocabulary].</param>
    /// <param name="rows">The hard tokens.</param>
    /// <param name="row">Which row.</param>
    public Tensor Gradient(Tensor logits, HardResponses rows, int row)
    {
        Tensor leaf = logits.to(dtype).detach().clone().requires_grad_(true);
        Tensor soft = nn.functional.softmax(leaf.DividedBy(parameters.Temperature), -1);
        Tensor hard = nn.functional.one_hot(Ids(rows, row), leaf.shape[1]).to(dtype);
        Energy(hard.Plus(soft) - soft.detach(), rows.ContentLengths[row], rows.TargetLengths[row]).backward();
        return leaf.grad!;
    }

    /// <summary>U at relaxed one-hot rows y.</summary>
    /// <param name="onehot">y [positions, vocabulary].</param>
    /// <param name="content">Number of positions before the EOS.</param>
    /// <param name="targets">The same with the EOS.</param>
    public Tensor Energy(Tensor onehot, int content, int targets)
    {
        Tensor logProbability = parameters.Reference == SeaReference.None ? zeros([], dtype) : LogProbability(onehot, targets);
        return -logProbability.Plus(Reward(onehot, content).Times(parameters.RewardWeight));
    }

    public Tensor LogProbability(Tensor onehot, int targets)
    {
        Tensor inputs = matmul(onehot, _policy.Embedding);
        inputs = parameters.Reference == SeaReference.Detached ? inputs.detach() : inputs;
        Tensor sequence = cat([Embed(_policy, prompt.Policy), inputs], 0).unsqueeze(0);
        Tensor hidden = _policy.Forward(sequence)[0].narrow(0, prompt.Policy.Count - 1, targets);
        Tensor predictions = nn.functional.log_softmax(matmul(hidden, _policy.Output.t()), -1);
        predictions = parameters.Reference == SeaReference.Detached ? predictions.detach() : predictions;
        return (onehot.narrow(0, 0, targets) * predictions).sum();
    }

    public Tensor Reward(Tensor onehot, int content)
    {
        // The suffix's EOS is the response's own where the response has one.
        bool own = models.IsEos(prompt.Rewards[0].Suffix[0]) && onehot.shape[0] > content;
        Tensor response = matmul(onehot.narrow(0, 0, own ? content + 1 : content), _reward.Embedding);
        Tensor suffix = Embed(_reward, own ? [.. prompt.Rewards[0].Suffix.Skip(1)] : prompt.Rewards[0].Suffix);
        Tensor sequence = cat([Embed(_reward, prompt.Rewards[0].Prefix), response, suffix], 0).unsqueeze(0);
        Tensor hidden = _reward.Forward(sequence)[0];
        return matmul(hidden[-1], _score[0]);
    }

    public static Tensor Ids(HardResponses rows, int row) =>
        tensor(rows.Tokens.AsSpan(row * rows.Positions, rows.Positions).ToArray());

    private static Tensor Embed(PlainDecoder decoder, IReadOnlyList<int> ids) =>
        ids.Count == 0
            ? zeros([0, decoder.Embedding.shape[1]], decoder.Embedding.dtype)
            : decoder.Embedding.index_select(0, tensor(ids.Select(id => (long)id).ToArray()));
}
