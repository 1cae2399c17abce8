namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Removes up to a given number of a character from the start and the end of each token.</summary>
internal sealed class StripDecoder(char content, int start, int stop, IDecoderStep next) : IDecoderStep
{
    private readonly int _start = start;
    private int _toStrip = start;

    // Characters at the end of the token so far, which may be its end.
    private int _kept;

    /// <inheritdoc/>
    public void Add(string text, bool endsToken)
    {
        var from = 0;
        while (_toStrip > 0 && from < text.Length && text[from] == content)
        {
            from++;
            _toStrip--;
        }

        _toStrip = from < text.Length ? 0 : _toStrip;
        var ends = text.Length;
        while (ends > from && text[ends - 1] == content)
        {
            ends--;
        }

        // The kept characters are followed by others, or only by more of the same.
        var run = text.Length - ends + (ends > from ? 0 : _kept);
        var released = ends > from ? new string(content, _kept) + text[from..ends] : "";
        _kept = Math.Min(run, stop);
        next.Add(released + new string(content, run - _kept), endsToken);
        if (endsToken)
        {
            _toStrip = _start;
            _kept = 0;
        }
    }

    /// <inheritdoc/>
    public void End() => next.End();
}
