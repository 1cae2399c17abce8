namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Joins tokens as words with spaces between them, as Hugging Face's tokenizers do if a file has no decoder.</summary>
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
