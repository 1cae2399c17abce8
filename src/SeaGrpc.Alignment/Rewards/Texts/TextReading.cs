using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>
/// One conversation as a reward model has read it: its ids, and the row of a cache that holds their keys and values. Several readings may
/// use one cache, which the last of them frees.
/// </summary>
internal sealed class TextReading : IDisposable
{
    private readonly SharedCache _cache;

    private TextReading(int[] ids, SharedCache cache, int row)
    {
        Ids = ids;
        _cache = cache;
        Row = row;
    }

    /// <summary>What was read. The cache may hold more positions, which mean nothing.</summary>
    public int[] Ids { get; }

    public int Row { get; }

    public KeyValueCache Cache => _cache.Cache;

    /// <summary>Readings of all rows of a cache, which they own from now on.</summary>
    public static TextReading[] Of(KeyValueCache cache, IReadOnlyList<int[]> ids)
    {
        var shared = new SharedCache(cache, ids.Count);
        return [.. ids.Select((own, row) => new TextReading(own, shared, row))];
    }

    /// <summary>The same reading for another user.</summary>
    public TextReading Shared()
    {
        _cache.Users++;
        return new TextReading(Ids, _cache, Row);
    }

    public void Dispose()
    {
        if (--_cache.Users == 0)
        {
            Cache.Dispose();
        }
    }

    private sealed class SharedCache(KeyValueCache cache, int users)
    {
        public KeyValueCache Cache => cache;

        public int Users { get; set; } = users;
    }
}
