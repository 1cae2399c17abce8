using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// Growing answers as a reward model reads them. Each token is read once, and a score costs only the new tokens and the suffix.
/// </summary>
internal sealed class ModelRewardRows(ModelRewardState state, KeyValueCache cache, CostCounter cost) : IRewardRows
{
    private int _committed = cache.Length;

    /// <summary>New tokens ready to be read.</summary>
    /// <param name="Pass">Ids [rows, width], and the cache of the preceding positions.</param>
    public sealed record Input(IdPass Pass)
    {
        /// <summary>Number of positions of each row without padding.</summary>
        public IReadOnlyList<int> Lengths => Pass.Lengths!;
    }

    public KeyValueCache Cache => cache;

    /// <summary>Number of tokens of every row that have been read.</summary>
    public int Tokens => _committed - state.Cache.Length;

    public float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Input input = Prepare(tokens, suffixed);
        return Complete(input, state.Decoder.Read([input.Pass])[0], advance);
    }

    /// <summary>Prepares the tokens to read, in the caller's scope.</summary>
    public Input Prepare(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed)
    {
        TransformerDecoder decoder = state.Decoder;
        IReadOnlyList<int> suffix = state.Prompt.Suffix;
        int[][] inputs = [.. tokens.Select((own, row) => suffixed[row] ? [.. own, .. suffix] : own)];
        int width = inputs.Max(own => own.Length);
        // Padding follows a row's last token, so nothing sees it. The suffix never stays in the cache.
        long[] ids = [.. inputs.SelectMany(own => own.Concat(Enumerable.Repeat(suffix[^1], width - own.Length))).Select(id => (long)id)];
        return new Input(
            new IdPass(tensor(ids, device: decoder.Device).view(inputs.Length, width), cache, tokens.Max(own => own.Length))
            {
                Lengths = [.. inputs.Select(own => own.Length)],
            });
    }

    /// <summary>The scores, after the input has been read.</summary>
    public float[] Complete(Input input, Tensor hidden, int advance)
    {
        long width = input.Pass.Ids.shape[1];
        cost.RewardForward(input.Lengths.Count * width);
        _committed += advance;
        cache.Truncate(_committed);
        Tensor at = tensor(input.Lengths.Select((length, row) => (row * width) + length - 1).ToArray(), device: state.Decoder.Device);
        return state.Model.Head.Rewards(hidden.flatten(0, 1).index_select(0, at)).cpu().data<float>().ToArray();
    }

    public void Follow(IReadOnlyList<int[]> tokens) => state.Follow([(this, tokens)]);

    /// <summary>Prepares tokens that are read without a score, in the caller's scope.</summary>
    public IdPass Prepare(IReadOnlyList<int[]> tokens)
    {
        long[] ids = [.. tokens.SelectMany(own => own).Select(id => (long)id)];
        return new IdPass(tensor(ids, device: state.Decoder.Device).view(tokens.Count, -1), cache, tokens[0].Length);
    }

    /// <summary>Keeps tokens that have been read without a score.</summary>
    public void Complete(IReadOnlyList<int[]> tokens)
    {
        cost.RewardForward((long)tokens.Count * tokens[0].Length);
        _committed += tokens[0].Length;
    }

    public void Dispose() => cache.Dispose();
}
