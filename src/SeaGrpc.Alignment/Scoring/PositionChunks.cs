namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// Cuts vocabulary-wide work over many positions into pieces: matrix products into large ones, so that temporaries stay small,
/// and what goes over their results number by number into ones that stay in a core's cache from step to step.
/// </summary>
internal static class PositionChunks
{
    /// <summary>Most floats of one vocabulary-wide temporary: 32 MB.</summary>
    private const long MaxElements = 8 << 20;

    /// <summary>Most floats of one piece that stays in cache: 1 MB.</summary>
    private const long MaxCachedElements = 1 << 18;

    /// <summary>Consecutive ranges over the rows of a [rows, vocabulary] tensor, for matrix products.</summary>
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
