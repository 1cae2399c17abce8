namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Writes pieces in the byte-level alphabet, after a cut by the pattern of GPT-2 where asked for.</summary>
/// <param name="addsPrefixSpace">Whether a piece without a space in front gets one.</param>
/// <param name="usesPattern">Whether to cut.</param>
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
