namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The ids of one piece. Thread-safe.</summary>
internal sealed class BytePairEncoder
{
    private readonly BytePairModel _model;
    private readonly IReadOnlySet<int> _controlIds;
    private readonly IPieceMerger _merger;

    /// <summary>Makes the encoder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="controlIds">Ids that text of two characters or more never becomes, whatever the merges say: they are for control
    /// alone.</param>
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
