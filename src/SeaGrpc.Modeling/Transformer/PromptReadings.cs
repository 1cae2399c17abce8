using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The prompts that a decoder has read and that are in use. A job with the same prompt, or one with the same beginning, reads only the
/// rest.
/// </summary>
/// <remarks>
/// Prompts are read in blocks of a fixed size, and share whole blocks. So a prompt's keys and values are the same numbers whether or not
/// another prompt's blocks are reused.
/// </remarks>
internal sealed class PromptReadings(TransformerDecoder decoder)
{
    /// <summary>Tokens per block.</summary>
    public const int BlockTokens = 128;

    private readonly List<PromptReading> _readings = [];

    /// <summary>Whether another job is reading exactly this prompt, so that it will be available soon.</summary>
    public bool IsUnderWay(IReadOnlyList<int> ids) =>
        _readings.Exists(reading => !reading.IsReady && reading.Ids.AsSpan().SequenceEqual([.. ids]));

    /// <summary>Reads a prompt. The caller disposes the reading.</summary>
    public PromptReading Read(IReadOnlyList<int> ids)
    {
        int[] own = [.. ids];
        if (Find(own) is { } same)
        {
            return same.Shared();
        }

        var made = new PromptReading(this, own, decoder.Kept, decoder.Device.type == TorchSharp.DeviceType.CPU);
        _readings.Add(made);
        try
        {
            Fill(made);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>A prompt that has been read and is in use; null if there is none.</summary>
    internal PromptReading? Find(int[] ids) =>
        _readings.Find(reading => reading.IsReady && reading.Ids.AsSpan().SequenceEqual(ids));

    /// <summary>Number of first tokens of a prompt that need not be read.</summary>
    public int Known(IReadOnlyList<int> ids)
    {
        int[] own = [.. ids];
        return Find(own) is not null ? own.Length : Below(own) is null ? LongestBeginning(own).Tokens : 0;
    }

    internal void Forget(PromptReading reading) => _readings.Remove(reading);

    private void Fill(PromptReading made)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] ids = made.Ids;
        if (Below(ids) is { } below)
        {
            FillAbove(made, below, below.Middle!);
            return;
        }

        (PromptReading? source, int shared) = LongestBeginning(ids);
        KeyValueCache cache = source is null
            ? KeyValueCache.Create(decoder, 1, ids.Length)
            : source.Cache.Fork(decoder, 1, ids.Length, shared);
        try
        {
            // An empty prompt has no last state, and nothing uses it.
            Tensor last = source?.Last ?? decoder.EmbeddingWeight.narrow(0, 0, 1).unsqueeze(0);
            bool isSplit = decoder.Split > 0 && decoder.Lender is null;
            List<Tensor> states = source?.Middle is { } known ? [known.narrow(1, 0, shared)] : [];
            while (cache.Length < ids.Length)
            {
                int count = Math.Min(BlockTokens, ids.Length - cache.Length);
                Tensor tokens = tensor(ids.AsSpan(cache.Length, count).ToArray().Select(id => (long)id).ToArray(), device: decoder.Device)
                    .unsqueeze(0);
                Tensor inputs = decoder.Embed(tokens);
                if (isSplit)
                {
                    using KeyValueCache view = cache.Rows(0, 1);
                    states.Add(ModelPasses.Forward(DecoderSection.Below(decoder, decoder.Split), new DecoderPass(inputs, view)));
                    last = Above(states[^1], cache).narrow(1, count - 1, 1);
                }
                else
                {
                    last = decoder.Forward(inputs, cache).narrow(1, count - 1, 1);
                }
            }

            made.Complete(
                cache.Freeze(), last.clone().DetachFromDisposeScope(), isSplit ? cat([.. states], 1).DetachFromDisposeScope() : null);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    // The lender's reading of the same prompt, if this model enters above it.
    private PromptReading? Below(int[] ids) => decoder.Lender is { } lender && decoder.Split > 0 && lender.Split == decoder.Split
        && lender.Prompts.Find(ids) is { Middle: not null } below
        ? below
        : null;

    // What the lender has read enters above the layers that both have in common, in the same blocks.
    private void FillAbove(PromptReading made, PromptReading below, Tensor middle)
    {
        KeyValueCache cache = KeyValueCache.Above(decoder, below.Cache, decoder.Split);
        try
        {
            Tensor last = below.Last;
            while (cache.Length < made.Ids.Length)
            {
                int count = Math.Min(BlockTokens, made.Ids.Length - cache.Length);
                last = Above(middle.narrow(1, cache.Length, count), cache).narrow(1, count - 1, 1);
            }

            made.Complete(cache.Freeze(), last.clone().DetachFromDisposeScope(), middle: null);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    private Tensor Above(Tensor states, KeyValueCache cache) => ModelPasses.Forward(
        DecoderSection.Above(decoder, decoder.Split), new DecoderPass(states, cache));

    /// <summary>
    /// The reading that has the most whole blocks in common with a prompt. The prompt's last token is not shared, because it must be read
    /// to predict the next.
    /// </summary>
    private (PromptReading? Source, int Tokens) LongestBeginning(int[] ids)
    {
        (PromptReading? Source, int Tokens) best = (null, 0);
        foreach (PromptReading reading in _readings.Where(reading => reading.IsReady))
        {
            int common = ids.AsSpan(0, Math.Max(0, ids.Length - 1)).CommonPrefixLength(reading.Ids);
            int whole = common / BlockTokens * BlockTokens;
            best = whole > best.Tokens ? (reading, whole) : best;
        }

        return best;
    }
}
