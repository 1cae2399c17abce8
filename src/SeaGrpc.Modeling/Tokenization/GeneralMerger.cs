using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Merges pieces of any length, for any model. Thread-safe.</summary>
/// <remarks>
/// 1. Each character becomes its token, or the tokens of its UTF-8 bytes, or the unknown token, or nothing if there is none.
/// 2. Neighbours are merged as described in <see cref="BytePairMerges"/>.
/// </remarks>
internal sealed class GeneralMerger : IPieceMerger
{
    private readonly BytePairModel _model;
    private readonly Dictionary<int, int> _idOfCodePoint = [];
    private readonly BytePairMerges _merges;

    internal GeneralMerger(BytePairModel model)
    {
        _model = model;
        foreach (var (token, id) in model.Vocabulary)
        {
            if (Rune.DecodeFromUtf16(token, out var rune, out var units) == OperationStatus.Done && units == token.Length)
            {
                _idOfCodePoint[rune.Value] = id;
            }
        }

        _merges = new BytePairMerges(model.Merges);
    }

    public void Merge(string piece, List<int> ids)
    {
        // 1. The symbols, after the existing ids.
        var start = ids.Count;
        AddSymbols(piece, ids);

        // 2. The merges.
        var count = _merges.Apply(CollectionsMarshal.AsSpan(ids)[start..]);
        CollectionsMarshal.SetCount(ids, start + count);
    }

    // An unknown character waits for later ones, even across characters that bytes spell, as in Hugging Face's tokenizers.
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
