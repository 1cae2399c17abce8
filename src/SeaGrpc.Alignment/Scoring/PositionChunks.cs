namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// Cuts vocabulary-wide work over many positions into pieces: matrix products into the largest, since each reads the whole of
/// the vocabulary's matrix; what holds several temporaries at once into smaller ones; and what goes over a product's result number by number
/// into ones that stay in a core's cache from step to step.
/// </summary>
internal static class PositionChunks
{
    /// <summary>Most floats of one product that is worked on in place: 128 MB.</summary>
    public const long MaxProductElements = 32 << 20;

    /// <summary>Most floats of one of several temporaries: 32 MB.</summary>
    public const long MaxElements = 8 << 20;

    /// <summary>Most floats of one piece that stays in cache: 1 MB.</summary>
    private const long MaxCachedElements = 1 << 18;

    /// <summary>Consecutive ranges over the rows of a [rows, vocabulary] tensor, for a product whose result is gone over in place.</summary>
    public static IEnumerable<(long Start, long Count)> ForProducts(long rows, long vocabulary) => Cut(rows, Math.Max(1, MaxProductElements / vocabulary));

    /// <summary>The same for products and steps with several temporaries.</summary>
    public static IEnumerable<(long Start, long Count)> Of(long rows, long vocabulary) => Cut(rows, Math.Max(1, MaxElements / vocabulary));

    /// <summary>The same for element-wise steps.</summary>
    public static IEnumerable<(long Start, long Count)> InCache(long rows, long vocabulary) => Cut(rows, Math.Max(1, MaxCachedElements / vocabulary));

    private static IEnumerable<(long Start, long Count)> Cut(long rows, long step)
    {
        for (long start = 0; start < rows; start += step)
        {
            yield return (start, Math.Min(step, rows - start));
        }
    }
}
