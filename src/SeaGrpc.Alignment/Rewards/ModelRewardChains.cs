using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Moved answers as a reward model has read them. A moved answer is read from its first change on.</summary>
internal sealed class ModelRewardChains : IRewardChains
{
    private readonly ModelRewardState _state;
    private readonly CostCounter _cost;
    private readonly KeyValueCache _cache;

    public ModelRewardChains(ModelRewardState state, HardResponses rows, int room, CostCounter cost)
    {
        _state = state;
        _cost = cost;
        _cache = state.Branch(rows.Rows, room);
        try
        {
            Replace(rows, 0);
        }
        catch
        {
            _cache.Dispose();
            throw;
        }
    }

    public void Replace(HardResponses rows, int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (long[] ids, int width, _) = rows.RewardInputs(_state.Prompt.Suffix);
        int first = Math.Min(start, width - 1);
        _cache.Truncate(_state.Cache.Length + first);
        _cost.RewardForward((long)rows.Rows * (width - first));
        Tensor inputs = ResponseScorer.Ids(ids, rows.Rows, _state.Decoder).narrow(1, first, width - first);
        _state.Decoder.Read([new IdPass(inputs, _cache, Math.Max(0, width - first - _state.Prompt.Suffix.Count))]);
    }

    public float[] Moved(HardResponses rows, IReadOnlyList<int> chains, int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = _state.Decoder;
        (long[] ids, int width, long[] ends) = rows.RewardInputs(_state.Prompt.Suffix);
        int length = _state.Cache.Length + start;
        using KeyValueCache prefix = KeyValueCache.Gather(
            decoder, [.. chains.Select(chain => (_cache, chain))], length + width - start, length);
        Tensor inputs = ResponseScorer.Ids(ids, rows.Rows, decoder).narrow(1, start, width - start);
        return _state.Rewards(prefix, inputs, [.. ends.Select(end => end - start)]).cpu().data<float>().ToArray();
    }

    public void Dispose() => _cache.Dispose();
}
