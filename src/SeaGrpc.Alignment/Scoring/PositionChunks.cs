namespace SeaGrpc.Alignment.Scoring;

/// <summary>Cuts vocabulary-wide work over many positions into pieces, so that its temporaries stay small.</summary>
internal static class PositionChunks
{
    /// <summary>Most floats of one vocabulary-wide temporary: 32 MB.</summary>
    private const long MaxElements = 8 << 20;

    /// <summary>Consecutive ranges over the rows of a [rows, vocabulary] tensor.</summary>
    public static IEnumerable<(long Start, long Count)> Of(long rows, long vocabulary)
    {
        long step = Math.Max(1, MaxElements / vocabulary);
        for (long start = 0; start < rows; start += step)
        {
            yield return (start, Math.Min(step, rows - start));
        }
    }
}
