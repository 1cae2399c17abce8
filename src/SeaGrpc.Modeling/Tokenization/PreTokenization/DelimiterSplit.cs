namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>Splits at matches.</summary>
/// <param name="findMatches">Returns the matches in a text, from left to right.</param>
/// <param name="behavior">What happens to the matches.</param>
/// <param name="isInverted">Whether to split at the text between the matches instead.</param>
internal sealed class DelimiterSplit(
    Func<string, IEnumerable<(int Start, int End)>> findMatches,
    SplitBehavior behavior,
    bool isInverted = false
) : IPreTokenizerStep
{
    /// <inheritdoc/>
    public IEnumerable<Piece> Split(Piece piece)
    {
        var text = piece.Text;
        var start = 0;
        var end = 0;
        var previous = Kind.None;
        foreach (var (from, to, isMatch) in Parts(text))
        {
            var kind = isMatch ? Kind.Delimiter : Kind.Text;
            var joins = behavior switch
            {
                SplitBehavior.MergedWithPrevious => kind == Kind.Delimiter && previous == Kind.Text,
                SplitBehavior.MergedWithNext => kind == Kind.Text && previous == Kind.Delimiter,
                SplitBehavior.Contiguous => kind == previous,
                _ => false,
            };
            if (!joins)
            {
                if (end > start)
                {
                    yield return Slice(piece, start, end);
                }

                start = behavior == SplitBehavior.Removed && kind == Kind.Delimiter ? to : from;
            }

            end = to;
            previous = kind;
        }

        if (end > start)
        {
            yield return Slice(piece, start, end);
        }
    }

    private static Piece Slice(Piece piece, int start, int end) => new(piece.Text[start..end], piece.IsFirst && start == 0);

    // The matches and the text between them. Together they are the whole text.
    private IEnumerable<(int Start, int End, bool IsMatch)> Parts(string text)
    {
        var end = 0;
        foreach (var (from, to) in findMatches(text))
        {
            if (from > end)
            {
                yield return (end, from, isInverted);
            }

            yield return (from, to, !isInverted);
            end = to;
        }

        if (text.Length > end)
        {
            yield return (end, text.Length, isInverted);
        }
    }

    private enum Kind
    {
        None,
        Text,
        Delimiter,
    }
}
