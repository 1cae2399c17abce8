using System.Text;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The byte-level alphabet, with one printable character for each byte.</summary>
/// <remarks>
/// Source: the bytes_to_unicode map of GPT-2. Printable Latin-1 bytes represent themselves. The other 68 bytes are mapped, in order, to the
/// characters from U+0100 on.
/// </remarks>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = MakeChars();
    private static readonly Dictionary<char, byte> ByteOfChar =
        CharOfByte.Select((symbol, value) => (symbol, value)).ToDictionary(pair => pair.symbol, pair => (byte)pair.value);

    /// <summary>Every byte that can occur in UTF-8. C0, C1 and F5 to FF never do.</summary>
    internal static IEnumerable<byte> Utf8Bytes =>
        Enumerable.Range(0, 0xF5).Where(value => value is not (0xC0 or 0xC1)).Select(value => (byte)value);

    /// <summary>The characters of those bytes.</summary>
    internal static IEnumerable<char> Utf8Symbols => Utf8Bytes.Select(value => CharOfByte[value]);

    /// <summary>The character of a byte.</summary>
    internal static char ToSymbol(byte value) => CharOfByte[value];

    /// <summary>The text's UTF-8 bytes in the alphabet.</summary>
    internal static string ToSymbols(string text) =>
        string.Create(Encoding.UTF8.GetByteCount(text), text, static (symbols, source) =>
        {
            var index = 0;
            foreach (var value in Encoding.UTF8.GetBytes(source))
            {
                symbols[index++] = CharOfByte[value];
            }
        });

    /// <summary>The bytes of a token. If a character is not in the alphabet, the token's own UTF-8.</summary>
    internal static byte[] ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!ByteOfChar.TryGetValue(token[i], out bytes[i]))
            {
                return Encoding.UTF8.GetBytes(token);
            }
        }

        return bytes;
    }

    private static char[] MakeChars()
    {
        var next = 0x100;
        return [.. Enumerable.Range(0, 256).Select(value => IsPrintable(value) ? (char)value : (char)next++)];
    }

    private static bool IsPrintable(int value) => value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
