namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Visible spaces as spaces, those of the first token dropped where encoding had put one in front.</summary>
internal sealed class MetaspaceDecoder(char replacement, bool dropsFirst, IDecoderStep next) : WholeTokenStep(next)
{
    private bool _isFirst = true;

    /// <inheritdoc/>
    protected override void AddToken(string token)
    {
        Next.Add(token.Replace(replacement.ToString(), _isFirst && dropsFirst ? "" : " ", StringComparison.Ordinal), endsToken: true);
        _isFirst = false;
    }
}
