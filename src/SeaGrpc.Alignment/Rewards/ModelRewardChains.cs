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

    public (float[] Rewards, IRewardRows[]? Read) Moved(IReadOnlyList<MovedRows> groups, bool keeps = false)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        List<(KeyValueCache Prefix, Tensor Ids, long[] Ends)> inputs = [];
        bool isKept = false;
        try
        {
            foreach (MovedRows group in groups)
            {
                (long[] ids, int width, long[] ends) = group.Rows.RewardInputs(_state.Prompt.Suffix);
                int length = _state.Cache.Length + group.Start;
                inputs.Add((
                    KeyValueCache.Gather(
                        _state.Decoder, [.. group.Chains.Select(chain => (_cache, chain))], length + width - group.Start, length),
                    ResponseScorer.Ids(ids, group.Rows.Rows, _state.Decoder).narrow(1, group.Start, width - group.Start),
                    [.. ends.Select(end => end - group.Start)]));
            }

            float[] rewards = _state.Rewards(inputs).cpu().data<float>().ToArray();
            isKept = keeps;
            return (rewards, keeps ? [.. inputs.Select(one => new ModelRewardRows(_state, one.Prefix, _cost))] : null);
        }
        finally
        {
            if (!isKept)
            {
                inputs.ForEach(one => one.Prefix.Dispose());
            }
        }
    }

    public void Dispose() => _cache.Dispose();
}
