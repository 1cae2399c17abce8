namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Tokens as words with spaces between: what Hugging Face's tokenizers do where a file has no decoder.</summary>
internal sealed class SpacedDecoder(IDecoderStep next) : WholeTokenStep(next)
{
    private bool _isFirst = true;

    /// <inheritdoc/>
    protected override void AddToken(string token)
    {
        Next.Add(_isFirst ? token : " " + token, endsToken: true);
        _isFirst = false;
    }
}
