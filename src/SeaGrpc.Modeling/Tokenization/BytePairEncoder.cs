namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Encodes one piece. Thread-safe.</summary>
internal sealed class BytePairEncoder
{
    private readonly BytePairModel _model;
    private readonly IReadOnlySet<int> _controlIds;
    private readonly IPieceMerger _merger;

    /// <summary>Creates the encoder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="controlIds">
    /// Ids that text of two or more characters is never encoded as, whatever the merges say: they are reserved for control.
    /// </param>
    internal BytePairEncoder(BytePairModel model, IReadOnlySet<int> controlIds)
    {
        _model = model with { Merges = [.. model.Merges.Where(merge => !controlIds.Contains(merge.Id))] };
        _controlIds = controlIds;
        _merger = LibraryMerger.Handles(_model) ? new LibraryMerger(_model) : new GeneralMerger(_model);
    }

    /// <summary>Appends a piece's ids.</summary>
    internal void Encode(string piece, List<int> ids)
    {
        if (_model.IgnoresMerges && _model.Vocabulary.TryGetValue(piece, out var whole) && !_controlIds.Contains(whole))
        {
            ids.Add(whole);
            return;
        }

        _merger.Merge(piece, ids);
    }
}
