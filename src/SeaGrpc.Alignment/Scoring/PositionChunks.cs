using SeaGrpc.Modeling.Transformer.Passes;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// Cuts vocabulary-wide work over many positions into pieces: matrix products into the largest, since each reads the whole of
/// the vocabulary's matrix; what holds several temporaries at once into smaller ones; and what goes over a product's result number by
/// number into ones that stay in a core's cache from step to step. After a piece of the first two kinds other jobs may have their turn.
/// </summary>
internal static class PositionChunks
{
    /// <summary>Most floats of one product that is worked on in place: 128 MB.</summary>
    public const long MaxProductElements = 32 << 20;

    /// <summary>Most floats of one of several temporaries: 32 MB.</summary>
    public const long MaxElements = 8 << 20;

    /// <summary>Most floats of one piece that stays in cache: 1 MB.</summary>
    private const long MaxCachedElements = 1 << 18;

    /// <summary>
    /// Consecutive ranges over the rows of a [rows, vocabulary] tensor, for a product whose result is gone over in place.
    /// </summary>
    public static IEnumerable<(long Start, long Count)> ForProducts(long rows, long vocabulary) =>
        WithPauses(rows, vocabulary, Bounded(MaxProductElements / vocabulary, vocabulary));

    /// <summary>The same for products and steps with several temporaries.</summary>
    public static IEnumerable<(long Start, long Count)> Of(long rows, long vocabulary) =>
        WithPauses(rows, vocabulary, Bounded(MaxElements / vocabulary, vocabulary));

    /// <summary>
    /// The same where random numbers are drawn piece by piece: the sizes alone say where a piece ends, whatever a turn may have.
    /// </summary>
    public static IEnumerable<(long Start, long Count)> ForDraws(long rows, long vocabulary) =>
        WithPauses(rows, vocabulary, Math.Max(1, MaxElements / vocabulary));

    /// <summary>The same for element-wise steps.</summary>
    public static IEnumerable<(long Start, long Count)> InCache(long rows, long vocabulary) => Cut(rows, CachedRows(vocabulary));

    private static long CachedRows(long vocabulary) => Math.Max(1, MaxCachedElements / vocabulary);

    /// <summary>
    /// No more rows than a turn may have, but whole pieces of those that stay in cache: where these end decides on random numbers.
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
