using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>Converts tokens in the byte-level alphabet to text. Bytes that are not UTF-8 become U+FFFD.</summary>
/// <param name="addedTokens">Tokens that are already text.</param>
/// <param name="next">The step after this one.</param>
internal sealed class ByteLevelDecoder(IReadOnlySet<string> addedTokens, IDecoderStep next) : WholeTokenStep(next)
{
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    /// <inheritdoc/>
    public override void End()
    {
        Next.Add(Read([], isLast: true), endsToken: true);
        base.End();
    }

    /// <inheritdoc/>
    protected override void AddToken(string token) =>
        Next.Add(
            Read(addedTokens.Contains(token) ? Encoding.UTF8.GetBytes(token) : ByteAlphabet.ToBytes(token), isLast: false),
            endsToken: false);

    // The decoder keeps the bytes of an incomplete character.
    private string Read(byte[] bytes, bool isLast)
    {
        var characters = new char[_utf8.GetCharCount(bytes, isLast)];
        return new string(characters, 0, _utf8.GetChars(bytes, characters, isLast));
    }
}
