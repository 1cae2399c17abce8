namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Replaces a pattern in each token.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content, IDecoderStep next) : WholeTokenStep(next)
{
    /// <inheritdoc/>
    protected override void AddToken(string token) => Next.Add(pattern.Replace(token, content), endsToken: true);
}
