namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Converts visible spaces to spaces. Drops the leading one of the first token if encoding has prepended it.</summary>
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
