namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Splits a normalised text into pieces. Merges never cross their boundaries.</summary>
/// <param name="Steps">The steps, in order.</param>
internal sealed record PreTokenizer(IReadOnlyList<IPreTokenizerStep> Steps)
{
    /// <summary>Whether the pieces are in the byte-level alphabet.</summary>
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
