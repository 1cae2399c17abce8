namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Replaces spaces by a visible character, optionally prepends one, and splits before each.</summary>
/// <param name="replacement">Replacement of a space, usually U+2581.</param>
/// <param name="prepends">Which pieces that do not start with a space get one.</param>
/// <param name="splits">Whether to split.</param>
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
