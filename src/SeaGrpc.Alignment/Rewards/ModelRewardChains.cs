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

    /// <summary>Reads answers.</summary>
    /// <param name="state">The reward.</param>
    /// <param name="rows">The answers.</param>
    /// <param name="room">Maximum number of tokens of answers that replace them.</param>
    /// <param name="read">A single row that the only answer was read in, or its first tokens; or null. It is copied.</param>
    /// <param name="cost">Counts the passes.</param>
    public ModelRewardChains(ModelRewardState state, HardResponses rows, int room, ModelRewardRows? read, CostCounter cost)
    {
        _state = state;
        _cost = cost;
        int held = Math.Min(read?.Tokens ?? 0, rows.ContentLengths[0]);
        _cache = held == 0 ? state.Branch(rows.Rows, room) : state.Copy(read!, held, room);
        try
        {
            Replace(rows, held);
        }
        catch
        {
            _cache.Dispose();
            throw;
        }
    }

    public KeyValueCache Cache => _cache;

    /// <remarks>The suffix is read with moved answers only.</remarks>
    public void Replace(HardResponses rows, int start)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int length = rows.ContentLengths.Max();
        int first = Math.Min(start, length);
        _cache.Truncate(_state.Cache.Length + first);
        if (first == length)
        {
            return;
        }

        (long[] ids, _, _) = rows.RewardInputs(_state.Prompt.Suffix);
        _cost.RewardForward((long)rows.Rows * (length - first));
        Tensor inputs = ResponseScorer.Ids(ids, rows.Rows, _state.Decoder).narrow(1, first, length - first);
        _state.Decoder.Read([new IdPass(inputs, _cache, length - first)]);
    }

    public (float[] Rewards, IRewardRows? Read) Moved(HardResponses rows, IReadOnlyList<int> chains, int start, bool keeps = false)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = _state.Decoder;
        (long[] ids, int width, long[] ends) = rows.RewardInputs(_state.Prompt.Suffix);
        int length = _state.Cache.Length + start;
        KeyValueCache prefix = KeyValueCache.Gather(
            decoder, [.. chains.Select(chain => (_cache, chain))], length + width - start, length);
        try
        {
            Tensor inputs = ResponseScorer.Ids(ids, rows.Rows, decoder).narrow(1, start, width - start);
            float[] rewards = _state.Rewards(prefix, inputs, [.. ends.Select(end => end - start)]).cpu().data<float>().ToArray();
            if (keeps)
            {
                return (rewards, new ModelRewardRows(_state, prefix, _cost));
            }

            prefix.Dispose();
            return (rewards, null);
        }
        catch
        {
            prefix.Dispose();
            throw;
        }
    }

    public void Dispose() => _cache.Dispose();
}
