namespace SeaGrpc.Lab.Worlds;

/// <summary>Draws again what does not fit, but not without end.</summary>
internal static class Redraw
{
    /// <summary>Most draws: far more than any draw of the worlds needs where something fits.</summary>
    private const int Most = 10_000;

    /// <summary>The first draw that fits.</summary>
    /// <param name="draw">Draws once.</param>
    /// <param name="fits">Whether a draw fits.</param>
    /// <exception cref="InvalidOperationException">None of many draws fits: perhaps nothing can.</exception>
    public static T Until<T>(Func<T> draw, Func<T, bool> fits)
    {
        for (int count = 0; count < Most; count++)
        {
            T drawn = draw();
            if (fits(drawn))
            {
                return drawn;
            }
        }

        throw new InvalidOperationException($"None of {Most} draws fits.");
    }
}
