namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Joins all tokens into one.</summary>
internal sealed class FuseDecoder(IDecoderStep next) : IDecoderStep
{
    /// <inheritdoc/>
    public void Add(string text, bool endsToken) => next.Add(text, endsToken: false);

    /// <inheritdoc/>
    public void End()
    {
        next.Add("", endsToken: true);
        next.End();
    }
}
