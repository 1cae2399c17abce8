namespace SeaGrpc.Cli.Load;

/// <summary>
/// How often a latency fell into which bucket. Buckets are logarithmic with 32 linear parts to every doubling, as an HDR histogram's:
/// a value is known to within 1/32 of itself, from a microsecond to days, in a few kilobytes.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PartBits = 5;
    private const int Parts = 1 << PartBits;
    private readonly long[] _counts = new long[(64 - PartBits) * Parts];
    private long _max;
    private double _sum;

    /// <summary>How many values there are.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(_sum / Count);

    /// <summary>The greatest.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(_max);

    /// <summary>Adds one value; below a microsecond is none.</summary>
    public void Add(TimeSpan latency)
    {
        long microseconds = Math.Max(0, (long)latency.TotalMicroseconds);
        _counts[Index(microseconds)]++;
        _max = Math.Max(_max, microseconds);
        _sum += microseconds;
        Count++;
    }

    /// <summary>The value that this share of all values does not exceed; 0 if there are none.</summary>
    /// <param name="share">In [0, 1].</param>
    public TimeSpan Quantile(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= wanted)
            {
                return TimeSpan.FromMicroseconds(Math.Min(End(index) - 1, _max));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>Equal parts of the logarithmic scale between the least and the greatest value, with their counts.</summary>
    /// <param name="doublings">How many parts fall on one doubling.</param>
    public IReadOnlyList<(TimeSpan Until, long Count)> Bars(int doublings = 2)
    {
        var bars = new List<(TimeSpan Until, long Count)>();
        int width = Parts / doublings;
        for (int start = 0; start < _counts.Length; start += width)
        {
            long count = _counts.AsSpan(start, width).ToArray().Sum();
            if (count > 0 || bars.Count > 0)
            {
                bars.Add((TimeSpan.FromMicroseconds(End(start + width - 1)), count));
            }

            if (bars.Sum(bar => bar.Count) == Count)
            {
                break;
            }
        }

        return bars;
    }

    private static int Index(long value)
    {
        int doubling = Math.Max(0, 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value | 1) - PartBits);
        return (doubling * Parts) + (int)(value >> doubling);
    }

    /// <summary>One past the last value of a bucket.</summary>
    private static long End(int index)
    {
        // Below 2 * Parts a bucket is one microsecond; above, its doubling shifts both ends.
        int doubling = Math.Max(0, (index / Parts) - 1);
        return (long)(index - (doubling * Parts) + 1) << doubling;
    }
}
