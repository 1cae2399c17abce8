namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Cuts a normalised text into the pieces that merges never cross.</summary>
/// <param name="Steps">In order.</param>
internal sealed record PreTokenizer(IReadOnlyList<IPreTokenizerStep> Steps)
{
    /// <summary>Whether pieces come in the byte-level alphabet.</summary>
    internal bool IsByteLevel => Steps.Any(step => step is ByteLevelStep);

    /// <summary>The pieces in order.</summary>
    internal IEnumerable<string> Split(Piece text)
    {
        IEnumerable<Piece> pieces = [text];
        foreach (var step in Steps)
        {
            pieces = pieces.SelectMany(step.Split);
        }

        return pieces.Select(piece => piece.Text);
    }
}
