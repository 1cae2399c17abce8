using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Decoding;

/// <summary>
/// Converts tokens such as &lt;0x0A&gt; to the text that their bytes spell. In a run of bytes that is not UTF-8, each byte becomes U+FFFD.
/// </summary>
internal sealed class ByteFallbackDecoder(IDecoderStep next) : WholeTokenStep(next)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<byte> _run = [];

    /// <inheritdoc/>
    public override void End()
    {
        EndRun();
        base.End();
    }

    /// <summary>The byte that a token represents, or null.</summary>
    internal static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <inheritdoc/>
    protected override void AddToken(string token)
    {
        if (ByteOf(token) is { } value)
        {
            _run.Add(value);
            return;
        }

        EndRun();
        Next.Add(token, endsToken: true);
    }

    private void EndRun()
    {
        if (_run.Count == 0)
        {
            return;
        }

        try
        {
            Next.Add(Strict.GetString([.. _run]), endsToken: true);
        }
        catch (DecoderFallbackException)
        {
            _run.ForEach(_ => Next.Add("\uFFFD", endsToken: true));
        }

        _run.Clear();
    }
}
