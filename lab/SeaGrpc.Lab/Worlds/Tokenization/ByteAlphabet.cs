using System.Text;

namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>The printable character that stands for each byte in a byte-level BPE vocabulary, as GPT-2 introduced it.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Make();

    /// <summary>A text's UTF-8 bytes in the alphabet, one character a byte.</summary>
    public static string Spell(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(value => Characters[value]));

    /// <summary>The 256 one-byte tokens in the order of their characters.</summary>
    public static IReadOnlyList<string> Tokens { get; } = [.. Characters.Order().Select(character => character.ToString())];

    private static char[] Make()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = isPrintable ? (char)value : (char)next++;
        }

        return characters;
    }
}
