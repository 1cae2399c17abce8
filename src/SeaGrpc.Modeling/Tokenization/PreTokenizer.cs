namespace SeaGrpc.Modeling.Tokenization;

/// <summary>Cuts a text into the pieces that merges never cross, and writes each in the byte-level alphabet.</summary>
/// <param name="Steps">In order: a pattern to cut by, or null to put a space before each piece that has none.</param>
internal sealed record PreTokenizer(IReadOnlyList<RegexSplitter?> Steps)
{
    internal IEnumerable<string> Split(string text)
    {
        IEnumerable<string> pieces = [text];
        foreach (var step in Steps)
        {
            pieces = step is null
                ? pieces.Select(piece => piece.StartsWith(' ') ? piece : ' ' + piece)
                : pieces.SelectMany(step.Split);
        }

        return pieces.Select(ByteAlphabet.ToSymbols);
    }
}
