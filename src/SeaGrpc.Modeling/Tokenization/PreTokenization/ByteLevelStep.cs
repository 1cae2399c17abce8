namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Converts pieces to the byte-level alphabet, optionally after splitting by GPT-2's pattern.</summary>
/// <param name="addsPrefixSpace">Whether to add a space to a piece that does not start with one.</param>
/// <param name="usesPattern">Whether to split.</param>
internal sealed class ByteLevelStep(bool addsPrefixSpace, bool usesPattern) : IPreTokenizerStep
{
    private static readonly DelimiterSplit Words = new(
        TextPattern.Expression(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+").Matches,
        SplitBehavior.Isolated);

    /// <inheritdoc/>
    public IEnumerable<Piece> Split(Piece piece)
    {
        var spaced = addsPrefixSpace && !piece.Text.StartsWith(' ') ? piece with { Text = ' ' + piece.Text } : piece;
        IEnumerable<Piece> words = usesPattern ? Words.Split(spaced) : [spaced];
        return words.Select(word => word with { Text = ByteAlphabet.ToSymbols(word.Text) });
    }
}
