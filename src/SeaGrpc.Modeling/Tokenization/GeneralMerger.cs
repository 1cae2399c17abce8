using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Merges pieces of any length, for any model. Thread-safe.</summary>
/// <remarks>
/// 1. A piece is cut between two characters with tokens of their own that no merge joins. What is before and after never merges, so each
///    part is merged alone. Short parts are remembered: texts that are almost equal cost little more than one.
/// 2. Each character becomes its token, or the tokens of its UTF-8 bytes, or the unknown token, or nothing if there is none.
/// 3. Neighbours are merged as described in <see cref="BytePairMerges"/>.
/// </remarks>
internal sealed class GeneralMerger : IPieceMerger
{
    // In UTF-16 units. Few words are longer.
    private const int LongestRemembered = 32;

    private const int MostRemembered = 16384;

    private readonly BytePairModel _model;
    private readonly Dictionary<int, int> _idOfCodePoint = [];
    private readonly BytePairMerges _merges;
    private readonly HashSet<(int Before, int After)> _joined = [];
    private readonly ConcurrentDictionary<string, int[]> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _remembered;

    internal GeneralMerger(BytePairModel model)
    {
        _model = model;
        _lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();
        var tokenOf = new Dictionary<int, string>();
        foreach (var (token, id) in model.Vocabulary)
        {
            tokenOf[id] = token;
            if (Rune.DecodeFromUtf16(token, out var rune, out var units) == OperationStatus.Done && units == token.Length)
            {
                _idOfCodePoint[rune.Value] = id;
            }
        }

        // The result of a merge has the texts of both halves, so its halves' characters tell what it joins.
        foreach (var (left, right, _) in model.Merges)
        {
            Rune.DecodeLastFromUtf16(tokenOf[left], out var before, out _);
            Rune.DecodeFromUtf16(tokenOf[right], out var after, out _);
            _joined.Add((before.Value, after.Value));
        }

        _merges = new BytePairMerges(model.Merges);
    }

    public void Merge(string piece, List<int> ids)
    {
        // 1. The parts.
        var start = 0;
        var at = 0;
        int? before = null;
        foreach (var rune in piece.EnumerateRunes())
        {
            int? own = _idOfCodePoint.ContainsKey(rune.Value) ? rune.Value : null;
            if (before is { } last && own is { } next && !_joined.Contains((last, next)))
            {
                AddPart(piece.AsSpan(start..at), ids);
                start = at;
            }

            before = own;
            at += rune.Utf16SequenceLength;
        }

        AddPart(piece.AsSpan(start), ids);
    }

    private void AddPart(ReadOnlySpan<char> part, List<int> ids)
    {
        if (part.Length <= LongestRemembered && _lookup.TryGetValue(part, out var known))
        {
            ids.AddRange(known);
            return;
        }

        // 2. The symbols, after the existing ids.
        var start = ids.Count;
        AddSymbols(part, ids);

        // 3. The merges.
        var count = _merges.Apply(CollectionsMarshal.AsSpan(ids)[start..]);
        CollectionsMarshal.SetCount(ids, start + count);
        if (part.Length <= LongestRemembered)
        {
            Remember(part.ToString(), [.. CollectionsMarshal.AsSpan(ids)[start..]]);
        }
    }

    private void Remember(string part, int[] ids)
    {
        if (Interlocked.Increment(ref _remembered) > MostRemembered)
        {
            _known.Clear();
            _remembered = 1;
        }

        _known[part] = ids;
    }

    // An unknown character waits for later ones, even across characters that bytes spell, as in Hugging Face's tokenizers.
    private void AddSymbols(ReadOnlySpan<char> piece, List<int> ids)
    {
        var hasUnknown = false;
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in piece.EnumerateRunes())
        {
            if (_idOfCodePoint.TryGetValue(rune.Value, out var id))
            {
                AddUnknown();
                ids.Add(id);
            }
            else if (TryAddBytes(bytes[..rune.EncodeToUtf8(bytes)], ids))
            {
                continue;
            }
            else if (_model.UnknownId is not null)
            {
                if (!_model.FusesUnknown)
                {
                    AddUnknown();
                }

                hasUnknown = true;
            }
        }

        AddUnknown();

        void AddUnknown()
        {
            if (hasUnknown)
            {
                ids.Add(_model.UnknownId!.Value);
                hasUnknown = false;
            }
        }
    }

    private bool TryAddBytes(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        var start = ids.Count;
        foreach (var value in bytes)
        {
            if (_model.ByteIds is null || _model.ByteIds[value] < 0)
            {
                ids.RemoveRange(start, ids.Count - start);
                return false;
            }

            ids.Add(_model.ByteIds[value]);
        }

        return true;
    }
}
