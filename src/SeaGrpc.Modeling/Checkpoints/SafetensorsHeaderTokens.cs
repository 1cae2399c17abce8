using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>The JSON tokens of a safetensors header, read incrementally. Memory does not grow with the header.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="handle">The file.</param>
/// <param name="offset">Where the header begins in the file, in bytes.</param>
/// <param name="length">Header length in bytes. The file is longer.</param>
internal sealed class SafetensorsHeaderTokens(string path, SafeFileHandle handle, long offset, long length)
{
    /// <summary>Maximum length of a text or run of blanks in bytes. Tensor names have fewer than a hundred.</summary>
    private const int LongestToken = 1 << 24;

    private const int PieceLength = 1 << 16;
    private const int ShownLength = 60;

    private readonly Decoder _utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private readonly char[] _characters = new char[PieceLength + 1];
    private byte[] _buffer = new byte[PieceLength];
    private int _start;
    private int _end;
    private long _read;
    private JsonReaderState _state;

    /// <summary>The kind of the current token.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>The text of a name or string. For a number its digits, truncated if there are many.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The value of a 64-bit integer; null for anything else.</summary>
    public long? Whole { get; private set; }

    private bool HasAll => _read == length;

    /// <summary>Reads the next token.</summary>
    /// <returns>False after the last token.</returns>
    /// <exception cref="CheckpointException">The header is not UTF-8 or not JSON.</exception>
    public bool Next()
    {
        try
        {
            while (!TryRead())
            {
                if (HasAll)
                {
                    return false;
                }

                Fill();
            }

            return true;
        }
        catch (DecoderFallbackException e)
        {
            throw new CheckpointException(path, "the header is not valid UTF-8; write or download the file again.", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"the header is not valid JSON ({e.Message}); write or download the file again.", e);
        }
    }

    private bool TryRead()
    {
        while (_start < _end && _buffer[_start] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            _start++;
        }

        if (_start == _end && !HasAll)
        {
            return false;
        }

        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), HasAll, _state);
        var found = reader.Read();
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        if (found)
        {
            Take(ref reader);
        }

        return found;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        Type = reader.TokenType;
        Whole = Type == JsonTokenType.Number && reader.TryGetInt64(out var whole) ? whole : null;
        Text = Type is JsonTokenType.PropertyName or JsonTokenType.String
            ? reader.GetString()!
            : Encoding.ASCII.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, ShownLength)]);
    }

    // Unread bytes move to the front of the buffer. The buffer grows if one token fills it.
    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            if (_buffer.Length == LongestToken)
            {
                throw new CheckpointException(
                    path, $"the header has a text or a run of blanks of more than {LongestToken} bytes; write or download the file again.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var piece = _buffer.AsSpan(_end, (int)Math.Min(Math.Min(PieceLength, _buffer.Length - _end), length - _read));
        SafetensorsFile.ReadExactly(path, handle, piece, offset + _read);
        _read += piece.Length;
        _utf8.GetChars(piece, _characters, flush: HasAll);
        _end += piece.Length;
    }
}
