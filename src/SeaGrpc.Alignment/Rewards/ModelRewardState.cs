using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward model that has read its prefix.</summary>
internal sealed class ModelRewardState : IRewardState
{
    private readonly PromptReading reading;
    private readonly Func<long, bool> isEos;
    private readonly CostCounter cost;

    public ModelRewardState(RewardModel model, RewardPrompt prompt, Func<long, bool> isEos, CostCounter cost)
    {
        Model = model;
        Prompt = prompt;
        this.isEos = isEos;
        this.cost = cost;
        reading = Decoder.Read(prompt.Prefix);
        cost.RewardForward(prompt.Prefix.Count);
    }

    public RewardModel Model { get; }

    public TransformerDecoder Decoder => Model.Decoder;

    public RewardPrompt Prompt { get; }

    /// <summary>The frozen cache over the prefix, one row.</summary>
    public KeyValueCache Cache => reading.Cache;

    public float[] Rewards(HardResponses rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (long[] ids, _, long[] ends) = rows.RewardInputs(Prompt.Suffix);
        return Rewards(Cache, Decoder.Embed(ResponseScorer.Ids(ids, rows.Rows, Decoder)), ends).cpu().data<float>().ToArray();
    }

    public IRewardGradient Gradient(HardResponses rows, double weight, SeaParameters parameters, Generator generator)
    {
        using var scope = NewDisposeScope();
        (long[] ids, int width, long[] ends) = rows.RewardInputs(Prompt.Suffix);
        using var noGrad = no_grad();
        Tensor inputs = EmbeddingSmoothing.Apply(Decoder.Embed(ResponseScorer.Ids(ids, rows.Rows, Decoder)), Decoder, parameters, generator);
        cost.RewardForward((long)rows.Rows * width);
        using RecordedPass recorded = Decoder.Record(inputs, Cache);
        Tensor at = EndIndices(ends, width);
        Tensor states = recorded.Hidden.reshape(-1, recorded.Hidden.shape[2]).index_select(0, at);
        Tensor rewards;
        Tensor atStates;
        using (enable_grad())
        {
            states.requires_grad_(true);
            rewards = Model.Head.Rewards(states);
            atStates = autograd.grad([rewards.sum()], [states])[0];
        }

        cost.Backward(1);
        Tensor atHidden = zeros_like(recorded.Hidden);
        atHidden.view(-1, atHidden.shape[2]).index_copy_(0, at, atStates);
        Tensor gradient = recorded.Backward(atHidden);
        // Where the suffix starts with EOS, it stands for the response's own. Elsewhere the model does not read the response's token.
        bool endIsOwn = isEos(Prompt.Suffix[0]);
        var owned = new float[rows.Rows * rows.Positions];
        for (int row = 0; row < rows.Rows; row++)
        {
            owned.AsSpan(row * rows.Positions, endIsOwn ? rows.TargetLengths[row] : rows.ContentLengths[row]).Fill(1);
        }

        long shared = Math.Min(width, rows.Positions);
        Tensor own = nn.functional.pad(gradient.narrow(1, 0, shared), [0, 0, 0, rows.Positions - shared]).flatten(0, 1);
        Tensor weighted = (own * tensor(owned, device: Decoder.Device).view(-1, 1).to(own.dtype)).Times(weight);
        return new ModelRewardGradient(rewards.detach().cpu().data<float>().ToArray(), weighted.DetachFromDisposeScope(), Decoder);
    }

    public IRewardRows Grow(int rows, int maxTokens) => new ModelRewardRows(this, Cache.Fork(Decoder, rows, Capacity(maxTokens)), cost);

    public IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens) => new ModelRewardRows(
        this, KeyValueCache.Gather(Decoder, [.. from.Select(pick => (((ModelRewardRows)pick.Source).Cache, pick.Row))], Capacity(maxTokens)), cost);

    public IRewardChains Follow(HardResponses rows) => new ModelRewardChains(this, rows, cost);

    /// <summary>The rewards of rows after any cached prefix.</summary>
    /// <param name="prefix">The cache.</param>
    /// <param name="embeddings">Embeddings of the response and the suffix [rows, width, hidden].</param>
    /// <param name="ends">Index of each row's last suffix token.</param>
    /// <returns>[rows], fp32.</returns>
    public Tensor Rewards(KeyValueCache prefix, Tensor embeddings, long[] ends)
    {
        long rows = embeddings.shape[0];
        long width = embeddings.shape[1];
        cost.RewardForward(rows * width);
        Tensor hidden = Decoder.Forward(embeddings, prefix);
        return Model.Head.Rewards(hidden.reshape(rows * width, hidden.shape[2]).index_select(0, EndIndices(ends, width)));
    }

    public void Dispose() => reading.Dispose();

    // Where each row's end stands among all positions.
    private Tensor EndIndices(long[] ends, long width) => tensor(ends.Select((end, row) => (row * width) + end).ToArray(), device: Decoder.Device);

    private int Capacity(int maxTokens) => Cache.Length + maxTokens + Prompt.Suffix.Count;
}
