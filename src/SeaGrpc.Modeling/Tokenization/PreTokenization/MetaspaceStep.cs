namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Writes spaces as a visible character, puts one in front where asked for, and cuts before each.</summary>
/// <param name="replacement">What a space becomes: U+2581 as a rule.</param>
/// <param name="prepends">Which pieces get one in front when they have none.</param>
/// <param name="splits">Whether to cut.</param>
internal sealed class MetaspaceStep(char replacement, MetaspacePrepend prepends, bool splits) : IPreTokenizerStep
{
    private readonly DelimiterSplit _split =
        new(TextPattern.Literal(replacement.ToString()).Matches, SplitBehavior.MergedWithNext);

    /// <inheritdoc/>
    public IEnumerable<Piece> Split(Piece piece)
    {
        var text = piece.Text.Replace(' ', replacement);
        if (!text.StartsWith(replacement) && (prepends == MetaspacePrepend.Always || (prepends == MetaspacePrepend.First && piece.IsFirst)))
        {
            text = replacement + text;
        }

        var marked = piece with { Text = text };
        return splits ? _split.Split(marked) : [marked];
    }
}
