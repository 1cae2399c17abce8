using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The ids of one piece. Thread-safe.</summary>
/// <remarks>
/// 1. Each character is its token, or the tokens of its UTF-8 bytes, or unknown. 2. Neighbours merge, as
/// <see cref="BytePairMerges"/> says.
/// </remarks>
internal sealed class BytePairEncoder
{
    private readonly BytePairModel _model;
    private readonly IReadOnlySet<int> _controlIds;
    private readonly Dictionary<int, int> _idOfCodePoint = [];
    private readonly BytePairMerges _merges;

    /// <summary>Makes the encoder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="controlIds">Ids that text of two characters or more never becomes, whatever the merges say: they are for control alone.</param>
    internal BytePairEncoder(BytePairModel model, IReadOnlySet<int> controlIds)
    {
        _model = model;
        _controlIds = controlIds;
        foreach (var (token, id) in model.Vocabulary)
        {
            if (Rune.DecodeFromUtf16(token, out var rune, out var units) == OperationStatus.Done && units == token.Length)
            {
                _idOfCodePoint[rune.Value] = id;
            }
        }

        _merges = new BytePairMerges([.. model.Merges.Where(merge => !controlIds.Contains(merge.Id))]);
    }

    /// <summary>Appends a piece's ids.</summary>
    internal void Encode(string piece, List<int> ids)
    {
        if (_model.IgnoresMerges && _model.Vocabulary.TryGetValue(piece, out var whole) && !_controlIds.Contains(whole))
        {
            ids.Add(whole);
            return;
        }

        // 1. The symbols, after what is there already.
        var start = ids.Count;
        AddSymbols(piece, ids);

        // 2. The merges.
        var count = _merges.Apply(CollectionsMarshal.AsSpan(ids)[start..]);
        CollectionsMarshal.SetCount(ids, start + count);
    }

    // An unknown character waits for those after it, past any that bytes spell, as Hugging Face's tokenizers have it.
    private void AddSymbols(string piece, List<int> ids)
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
