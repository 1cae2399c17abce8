using System.Globalization;
using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Reads a quoted string with Python's escapes, as Jinja does: a backslash before any other character stays.</summary>
/// <param name="source">The text that contains the string.</param>
/// <param name="start">The position of its opening quote.</param>
internal sealed class PythonStringLiteral(string source, int start)
{
    private readonly StringBuilder _text = new();

    /// <summary>The value of the string, once it has been read.</summary>
    internal string Value => _text.ToString();

    /// <summary>The position after the closing quote. If the string is invalid, how far it was read.</summary>
    internal int End { get; private set; } = start;

    private char Current => source[End];

    /// <summary>Reads the string.</summary>
    /// <returns>An error message, or null.</returns>
    internal string? Read()
    {
        var quote = Current;
        for (End++; End < source.Length; End++)
        {
            if (Current == quote)
            {
                End++;
                return null;
            }

            if (Current != '\\' || End + 1 == source.Length)
            {
                _text.Append(Current);
                continue;
            }

            End++;
            if (ReadEscape() is { } fault)
            {
                return fault;
            }
        }

        return "a string is not closed";
    }

    private string? ReadEscape()
    {
        switch (Current)
        {
            case 'x':
                return ReadCodePoint(digits: 2);
            case 'u':
                return ReadCodePoint(digits: 4);
            case 'U':
                return ReadCodePoint(digits: 8);
            case 'N':
                return "a character by its name (\\N) is not supported; write the character, or \\u and its number";
            case >= '0' and <= '7':
                ReadOctal();
                return null;
            case >= '\u0080':
                WriteOut();
                return null;
        }

        _ = Current switch
        {
            'n' => _text.Append('\n'),
            't' => _text.Append('\t'),
            'r' => _text.Append('\r'),
            'a' => _text.Append('\a'),
            'b' => _text.Append('\b'),
            'f' => _text.Append('\f'),
            'v' => _text.Append('\v'),
            '\n' => _text,
            '\\' or '\'' or '"' => _text.Append(Current),
            _ => _text.Append('\\').Append(Current),
        };
        return null;
    }

    private string? ReadCodePoint(int digits)
    {
        if (End + digits >= source.Length
            || !int.TryParse(source.AsSpan(End + 1, digits), NumberStyles.AllowHexSpecifier, null, out var codePoint)
            || !Rune.IsValid(codePoint))
        {
            return $"\\{Current} must be followed by {digits} hexadecimal digits of a character, and of no half of a surrogate pair";
        }

        _text.Append(CodePoints.Of(codePoint));
        End += digits;
        return null;
    }

    private void ReadOctal()
    {
        var value = 0;
        var end = End;
        for (; end < source.Length && end < End + 3 && source[end] is >= '0' and <= '7'; end++)
        {
            value = (value * 8) + (source[end] - '0');
        }

        _text.Append((char)value);
        End = end - 1;
    }

    // Jinja escapes non-ASCII characters before it reads escapes, so such a character after a backslash is written out.
    private void WriteOut()
    {
        if (End + 1 < source.Length && char.IsSurrogatePair(Current, source[End + 1]))
        {
            _text.Append($"\\U{char.ConvertToUtf32(Current, source[End + 1]):x8}");
            End++;
            return;
        }

        _text.Append(Current < 0x100 ? $"\\x{(int)Current:x2}" : $"\\u{(int)Current:x4}");
    }
}
