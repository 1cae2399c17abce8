namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The merges of byte-pair encoding, applied to one piece in O(n log n) time.</summary>
/// <remarks>
/// 1. Every symbol is a node of a linked list. 2. Adjacent pairs that can be merged wait in a queue, ordered by rank and then by position.
/// 3. The first pair is merged, unless one of its halves has changed since, and its new neighbours join the queue.
/// </remarks>
internal sealed class BytePairMerges
{
    // The first prime above every id. Every pair has a distinct key, and its hash code (the exclusive or of the halves) differs too.
    private const ulong Stride = 2_147_483_659;

    private readonly Dictionary<ulong, (int Rank, int Id)> _merges;

    /// <summary>Takes the merges in order of priority. Of equal pairs, the last one counts.</summary>
    internal BytePairMerges(IReadOnlyList<(int Left, int Right, int Id)> merges)
    {
        _merges = new Dictionary<ulong, (int, int)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right, id) = merges[rank];
            _merges[Pair(left, right)] = (rank, id);
        }
    }

    /// <summary>Merges symbols until no merge applies. The remaining ids are written to the front of the span.</summary>
    /// <returns>Number of remaining ids.</returns>
    internal int Apply(Span<int> ids)
    {
        if (ids.Length < 2)
        {
            return ids.Length;
        }

        // 1. The list; a node that was merged into its left neighbour has the id -1.
        var previous = new int[ids.Length];
        var next = new int[ids.Length];
        for (var node = 0; node < ids.Length; node++)
        {
            previous[node] = node - 1;
            next[node] = node + 1;
        }

        // 2. The queue.
        var queue = new PriorityQueue<(int Node, int Left, int Right, int Id), ulong>();
        for (var node = 0; node < ids.Length; node++)
        {
            Offer(ids, node);
        }

        // 3. The merges.
        while (queue.TryDequeue(out var pair, out _))
        {
            var node = pair.Node;
            var right = next[node];
            if (ids[node] != pair.Left || right >= ids.Length || ids[right] != pair.Right)
            {
                continue;
            }

            ids[node] = pair.Id;
            ids[right] = -1;
            next[node] = next[right];
            if (next[node] < ids.Length)
            {
                previous[next[node]] = node;
            }

            Offer(ids, node);
            Offer(ids, previous[node]);
        }

        var count = 0;
        foreach (var id in ids)
        {
            if (id >= 0)
            {
                ids[count++] = id;
            }
        }

        return count;

        void Offer(Span<int> symbols, int node)
        {
            if (node >= 0 && next[node] < symbols.Length
                && _merges.TryGetValue(Pair(symbols[node], symbols[next[node]]), out var merge))
            {
                queue.Enqueue((node, symbols[node], symbols[next[node]], merge.Id), ((ulong)(uint)merge.Rank << 32) | (uint)node);
            }
        }
    }

    private static ulong Pair(int left, int right) => ((uint)left * Stride) + (uint)right;
}
