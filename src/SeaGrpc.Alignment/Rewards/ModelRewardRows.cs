using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>Growing answers as a reward model reads them: what a row has is read once, and a score costs its new tokens and the suffix only.</summary>
internal sealed class ModelRewardRows(ModelRewardState state, KeyValueCache cache, CostCounter cost) : IRewardRows
{
    private int committed = cache.Length;

    public KeyValueCache Cache => cache;

    public float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = state.Decoder;
        IReadOnlyList<int> suffix = state.Prompt.Suffix;
        int[][] inputs = [.. tokens.Select((own, row) => suffixed[row] ? [.. own, .. suffix] : own)];
        int width = inputs.Max(own => own.Length);
        // Padding stands after a row's last token: nothing sees it. The suffix never stays.
        long[] ids = [.. inputs.SelectMany(own => own.Concat(Enumerable.Repeat(suffix[^1], width - own.Length))).Select(id => (long)id)];
        cost.RewardForward(ids.Length);
        Tensor hidden = decoder.Forward(decoder.Embed(tensor(ids, device: decoder.Device).view(inputs.Length, width)), cache);
        committed += advance;
        cache.Truncate(committed);
        Tensor at = tensor(inputs.Select((own, row) => (long)row * width + own.Length - 1).ToArray(), device: decoder.Device);
        return state.Model.Head.Rewards(hidden.flatten(0, 1).index_select(0, at)).cpu().data<float>().ToArray();
    }

    public void KeepRow(int row, int count) => cache.KeepRow(row, committed - count);

    public void Dispose() => cache.Dispose();
}
