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
        if (_readings.Find(reading => reading.IsReady && reading.Ids.AsSpan().SequenceEqual(own)) is { } same)
        {
            return same.Shared();
        }

        var made = new PromptReading(this, own);
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

    internal void Forget(PromptReading reading) => _readings.Remove(reading);

    private void Fill(PromptReading made)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] ids = made.Ids;
        (PromptReading? source, int shared) = LongestBeginning(ids);
        KeyValueCache cache = source is null
            ? KeyValueCache.Create(decoder, 1, ids.Length)
            : source.Cache.Fork(decoder, 1, ids.Length, shared);
        try
        {
            // An empty prompt has no last state, and nothing uses it.
            Tensor last = source?.Last ?? decoder.EmbeddingWeight.narrow(0, 0, 1).unsqueeze(0);
            while (cache.Length < ids.Length)
            {
                int count = Math.Min(BlockTokens, ids.Length - cache.Length);
                Tensor tokens = tensor(ids.AsSpan(cache.Length, count).ToArray().Select(id => (long)id).ToArray(), device: decoder.Device)
                    .unsqueeze(0);
                last = decoder.Forward(decoder.Embed(tokens), cache).narrow(1, count - 1, 1);
            }

            made.Complete(cache.Freeze(), last.clone().DetachFromDisposeScope());
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

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
