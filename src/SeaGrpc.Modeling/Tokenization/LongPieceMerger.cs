namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Merges one very long pre-token in n log n time; the library's time grows with the square of the length.</summary>
/// <remarks>
/// 1. Every symbol is a node of a linked list. 2. Neighbours that merge wait in a queue, by rank and then by place.
/// 3. The first of them is merged, unless one of its halves has changed since, and its new neighbours join the queue.
/// </remarks>
internal sealed class LongPieceMerger
{
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;

    internal LongPieceMerger(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges)
    {
        _vocabulary = vocabulary;
        _merges = new Dictionary<(int, int), (int, int)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var space = merges[rank].IndexOf(' ', StringComparison.Ordinal);
            var (left, right) = (merges[rank][..space], merges[rank][(space + 1)..]);
            _merges.TryAdd((vocabulary[left], vocabulary[right]), (rank, vocabulary[left + right]));
        }
    }

    internal IReadOnlyList<int> Encode(string piece)
    {
        // 1. The list; a node that was merged into its left neighbour has the id -1.
        var ids = piece.Select(symbol => _vocabulary[symbol.ToString()]).ToArray();
        var previous = Enumerable.Range(-1, ids.Length).ToArray();
        var next = Enumerable.Range(1, ids.Length).ToArray();

        // 2. The queue.
        var queue = new PriorityQueue<(int Node, int Left, int Right, int Id), (int Rank, int Node)>();
        for (var node = 0; node < ids.Length; node++)
        {
            Offer(node);
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

            Offer(node);
            Offer(previous[node]);
        }

        return Array.FindAll(ids, id => id >= 0);

        void Offer(int node)
        {
            if (node >= 0 && next[node] < ids.Length && _merges.TryGetValue((ids[node], ids[next[node]]), out var merge))
            {
                queue.Enqueue((node, ids[node], ids[next[node]], merge.Id), (merge.Rank, node));
            }
        }
    }
}
