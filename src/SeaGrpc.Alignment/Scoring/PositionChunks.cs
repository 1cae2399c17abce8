using SeaGrpc.Modeling.Transformer.Passes;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// Splits vocabulary-wide work over many positions into chunks. Matrix products get the largest chunks, because each reads the whole
/// vocabulary matrix. Work with several temporaries gets smaller ones, and elementwise work on the result of a product gets chunks that
/// stay in a core's cache between steps. After a chunk of the first two kinds, other jobs may have their turn.
/// </summary>
internal static class PositionChunks
{
    /// <summary>Maximum number of floats of one product that is processed in place: 128 MB.</summary>
    public const long MaxProductElements = 32 << 20;

    /// <summary>Maximum number of floats of one of several temporaries: 32 MB.</summary>
    public const long MaxElements = 8 << 20;

    /// <summary>Maximum number of floats of a chunk that stays in cache: 1 MB.</summary>
    private const long MaxCachedElements = 1 << 18;

    /// <summary>
    /// Consecutive ranges over the rows of a [rows, vocabulary] tensor, for a product whose result is processed in place.
    /// </summary>
    public static IEnumerable<(long Start, long Count)> ForProducts(long rows, long vocabulary) =>
        WithPauses(rows, vocabulary, Bounded(MaxProductElements / vocabulary, vocabulary));

    /// <summary>The same for products and steps with several temporaries.</summary>
    public static IEnumerable<(long Start, long Count)> Of(long rows, long vocabulary) =>
        WithPauses(rows, vocabulary, Bounded(MaxElements / vocabulary, vocabulary));

    /// <summary>
    /// The same for work that draws random numbers per chunk: only the sizes determine where a chunk ends, not the length of a turn.
    /// </summary>
    public static IEnumerable<(long Start, long Count)> ForDraws(long rows, long vocabulary) =>
        WithPauses(rows, vocabulary, Math.Max(1, MaxElements / vocabulary));

    /// <summary>The same for elementwise steps.</summary>
    public static IEnumerable<(long Start, long Count)> InCache(long rows, long vocabulary) => Cut(rows, CachedRows(vocabulary));

    private static long CachedRows(long vocabulary) => Math.Max(1, MaxCachedElements / vocabulary);

    /// <summary>
    /// At most as many rows as fit in a turn, but whole chunks of those that stay in cache, because the ends of these determine random
    /// numbers.
    /// </summary>
    private static long Bounded(long rows, long vocabulary)
    {
        long cached = CachedRows(vocabulary);
        return Math.Max(1, Math.Min(rows, Math.Max(cached, ModelPasses.MaxTurnTokens / cached * cached)));
    }

    private static IEnumerable<(long Start, long Count)> WithPauses(long rows, long vocabulary, long step)
    {
        foreach ((long start, long count) in Cut(rows, step))
        {
            yield return (start, count);
            ModelPasses.Pause(Math.Min(count, ModelPasses.Positions(count, vocabulary)));
        }
    }

    private static IEnumerable<(long Start, long Count)> Cut(long rows, long step)
    {
        for (long start = 0; start < rows; start += step)
        {
            yield return (start, Math.Min(step, rows - start));
        }
    }
}
