using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>Conversations that are read from the same position on. What precedes it has been read.</summary>
internal sealed class TextPass : IDisposable
{
    private readonly int[][] _ids;
    private readonly int _start;
    private readonly bool _isStored;
    private bool _isOwner;

    private TextPass(int[] rows, int[][] ids, int start, KeyValueCache cache, bool isStored, bool isOwner)
    {
        Rows = rows;
        _ids = ids;
        _start = start;
        Cache = cache;
        _isStored = isStored;
        _isOwner = isOwner;
        Width = ids.Max(own => own.Length) - start;
    }

    /// <summary>Index of each among all that are read.</summary>
    public int[] Rows { get; }

    /// <summary>The keys and values before the position.</summary>
    public KeyValueCache Cache { get; }

    /// <summary>Number of positions that are read in each row.</summary>
    public int Width { get; }

    /// <summary>A pass whose keys and values stay.</summary>
    /// <param name="rows">Index of each among all that are read.</param>
    /// <param name="ids">All ids of each.</param>
    /// <param name="start">Number of ids that have been read.</param>
    /// <param name="cache">Their keys and values, a row for each, with room for all ids; taken over.</param>
    public static TextPass Storing(int[] rows, int[][] ids, int start, KeyValueCache cache) =>
        new(rows, ids, start, cache, isStored: true, isOwner: true);

    /// <summary>A pass whose keys and values are not kept.</summary>
    /// <param name="rows">Index of each among all that are read.</param>
    /// <param name="ids">All ids of each.</param>
    /// <param name="start">Number of ids that have been read.</param>
    /// <param name="trunk">A frozen cache, one row, that starts with the keys and values of these.</param>
    /// <param name="decoder">The model that it is for.</param>
    public static TextPass Reading(int[] rows, int[][] ids, int start, KeyValueCache trunk, TransformerDecoder decoder) =>
        start == trunk.Length
            ? new(rows, ids, start, trunk, isStored: false, isOwner: false)
            : new(rows, ids, start, trunk.Fork(decoder, 1, start, start).Freeze(), isStored: false, isOwner: true)
            {
                FollowsPrompt = false,
            };

    /// <summary>Whether it follows the ids that almost all conversations start with, or a reading that does.</summary>
    public bool FollowsPrompt { get; private init; } = true;

    /// <summary>Embeddings of the ids to read: [rows, width, hidden].</summary>
    public Tensor Embeddings(TransformerDecoder decoder) => decoder.Embed(Ids(decoder));

    /// <summary>The pass.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="responses">The run's reading after the prompt; null if there is none.</param>
    public IdPass Input(TransformerDecoder decoder, RunReading? responses) => new(Ids(decoder), Cache, Width)
    {
        AfterPrompt = responses,
        Lengths = [.. _ids.Select(own => own.Length - _start)],
    };

    // The ids to read: [rows, width]. Padding follows a row's last id, so nothing sees it.
    private Tensor Ids(TransformerDecoder decoder)
    {
        long[] inputs =
        [
            .. _ids.SelectMany(own => own.Skip(_start).Concat(Enumerable.Repeat(own[^1], _start + Width - own.Length)))
                .Select(id => (long)id),
        ];
        return tensor(inputs, device: decoder.Device).view(Rows.Length, Width);
    }

    /// <summary>Where the rows end, counted over all positions that are read: [rows].</summary>
    public long[] Ends() => [.. _ids.Select((own, row) => ((long)row * Width) + own.Length - 1 - _start)];

    /// <summary>What was read, one for each row, or null if nothing was stored. The readings own the cache from now on.</summary>
    public TextReading[]? Readings()
    {
        if (!_isStored)
        {
            return null;
        }

        _isOwner = false;
        return TextReading.Of(Cache, _ids);
    }

    public void Dispose()
    {
        if (_isOwner)
        {
            Cache.Dispose();
        }
    }
}
