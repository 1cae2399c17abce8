using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Answers that are moved, as a reward model has read them: a moved one is read from its first change on.</summary>
internal sealed class ModelRewardChains : IRewardChains
{
    private readonly ModelRewardState state;
    private readonly CostCounter cost;
    private readonly KeyValueCache cache;

    public ModelRewardChains(ModelRewardState state, HardResponses rows, CostCounter cost)
    {
        this.state = state;
        this.cost = cost;
        cache = state.Cache.Branch(state.Decoder, rows.Rows, state.Cache.Length + rows.Positions + state.Prompt.Suffix.Count);
        Replace(rows, 0);
    }

    public void Replace(HardResponses rows, int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (long[] ids, int width, _) = rows.RewardInputs(state.Prompt.Suffix);
        int first = Math.Min(start, width - 1);
        cache.Truncate(state.Cache.Length + first);
        cost.RewardForward((long)rows.Rows * (width - first));
        state.Decoder.Forward(state.Decoder.Embed(ResponseScorer.Ids(ids, rows.Rows, state.Decoder).narrow(1, first, width - first)), cache);
    }

    public float[] Moved(HardResponses rows, IReadOnlyList<int> chains, int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = state.Decoder;
        (long[] ids, int width, long[] ends) = rows.RewardInputs(state.Prompt.Suffix);
        int length = state.Cache.Length + start;
        using KeyValueCache prefix = KeyValueCache.Gather(decoder, [.. chains.Select(chain => (cache, chain))], length + width - start, length);
        Tensor inputs = decoder.Embed(ResponseScorer.Ids(ids, rows.Rows, decoder).narrow(1, start, width - start));
        return state.Rewards(prefix, inputs, [.. ends.Select(end => end - start)]).cpu().data<float>().ToArray();
    }

    public void Dispose() => cache.Dispose();
}
