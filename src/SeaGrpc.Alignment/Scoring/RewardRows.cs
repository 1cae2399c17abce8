using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// Responses to one prompt as the reward model reads them while they grow: what a row has is read once, and a score costs
/// its new tokens and the suffix only. Owns its cache.
/// </summary>
internal sealed class RewardRows : IDisposable
{
    private readonly RunContext context;
    private readonly KeyValueCache cache;
    private int committed;

    private RewardRows(RunContext context, KeyValueCache cache)
    {
        this.context = context;
        this.cache = cache;
        committed = cache.Length;
    }

    /// <summary>Empty responses.</summary>
    /// <param name="context">The run.</param>
    /// <param name="rows">How many.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    public static RewardRows Start(RunContext context, int rows, int maxTokens) =>
        new(context, context.Prompt.RewardCache.Fork(context.Models.Reward.Decoder, rows, Capacity(context, maxTokens)));

    /// <summary>Rows that go on from rows of others, all of one length; a row may be taken several times.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    public static RewardRows Gather(IReadOnlyList<(RewardRows Source, int Row)> from, int maxTokens)
    {
        RunContext context = from[0].Source.context;
        return new RewardRows(
            context,
            KeyValueCache.Gather(
                context.Models.Reward.Decoder, [.. from.Select(pick => (pick.Source.cache, pick.Row))], Capacity(context, maxTokens)));
    }

    /// <summary>Reads every row's next tokens and scores it.</summary>
    /// <param name="tokens">New ids of each row, EOS excluded.</param>
    /// <param name="suffixed">
    /// Whether a row is scored as a whole response, at the end of the template's suffix (its EOS where the template ends
    /// with one), or as it stands, at its last token.
    /// </param>
    /// <param name="advance">
    /// How many of the new tokens stay read. A row that has fewer must not go on; the suffix never stays.
    /// </param>
    /// <returns>The rewards [rows], in the reward model's units.</returns>
    public float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = context.Models.Reward.Decoder;
        IReadOnlyList<int> suffix = context.Prompt.Prompt.RewardSuffix;
        int[][] inputs = [.. tokens.Select((own, row) => suffixed[row] ? [.. own, .. suffix] : own)];
        int width = inputs.Max(own => own.Length);
        // Padding stands after a row's last token: nothing sees it.
        long[] ids = [.. inputs.SelectMany(own => own.Concat(Enumerable.Repeat(suffix[^1], width - own.Length))).Select(id => (long)id)];
        context.Cost.RewardForward(ids.Length);
        Tensor hidden = decoder.Forward(decoder.Embed(tensor(ids, device: decoder.Device).view(inputs.Length, width)), cache);
        committed += advance;
        cache.Truncate(committed);
        Tensor at = tensor(inputs.Select((own, row) => (long)row * width + own.Length - 1).ToArray(), device: decoder.Device);
        return context.Models.Reward.Head.Rewards(hidden.flatten(0, 1).index_select(0, at)).cpu().data<float>().ToArray();
    }

    /// <summary>Makes every row equal to one of them, where only the last tokens differ.</summary>
    /// <param name="row">The row that the others take over.</param>
    /// <param name="count">How many last tokens may differ.</param>
    public void KeepRow(int row, int count) => cache.KeepRow(row, committed - count);

    public void Dispose() => cache.Dispose();

    private static int Capacity(RunContext context, int maxTokens) =>
        context.Prompt.RewardCache.Length + maxTokens + context.Prompt.Prompt.RewardSuffix.Count;
}
