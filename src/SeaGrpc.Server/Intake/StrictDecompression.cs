using System.Buffers.Binary;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>Decompresses one message and checks the result against the message's own trailer (RFC 1950 and 1952).</summary>
/// <param name="inner">Decompresses. Throws on invalid data and on a wrong checksum that it reaches, but not on truncated data.</param>
/// <param name="compressed">The stream that it reads.</param>
/// <param name="encoding">gzip or deflate.</param>
/// <param name="most">Maximum decompressed message size in bytes.</param>
internal sealed class StrictDecompression(Stream inner, TailStream compressed, string encoding, int most) : ReadOnlyStream
{
    private const string Deflate = "deflate";
    private const int ShortestGzip = 20; // bytes, for no data: header, one empty block, checksum, length
    private const int ShortestDeflate = 8; // bytes, for no data: header, one empty block, checksum
    private const uint AdlerModulus = 65521;
    private uint _length;
    private uint _adlerLow = 1;
    private uint _adlerHigh;

    /// <exception cref="Grpc.Core.RpcException">
    /// INVALID_ARGUMENT or RESOURCE_EXHAUSTED: the message is damaged, truncated or too long.
    /// </exception>
    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = buffer.Length == 0 ? 0 : inner.Read(buffer);
        }
        catch (InvalidDataException)
        {
            throw ErrorMapping.Malformed(
                $"The message is not valid {encoding} data: it is damaged, or not compressed as grpc-encoding says.");
        }

        if (read > 0)
        {
            Take(buffer[..read]);
        }
        else if (buffer.Length > 0)
        {
            CheckEnd();
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _length += (uint)bytes.Length;
        if (_length > most)
        {
            throw ErrorMapping.MessageTooLong(most, $"more than {most} bytes when it is decompressed");
        }

        if (encoding == Deflate)
        {
            foreach (byte each in bytes)
            {
                _adlerLow = (_adlerLow + each) % AdlerModulus;
                _adlerHigh = (_adlerHigh + _adlerLow) % AdlerModulus;
            }
        }
    }

    /// <summary>
    /// gzip ends with the length; if it is right, the decompressor has verified the checksum before it. zlib ends with an Adler-32
    /// checksum.
    /// </summary>
    private void CheckEnd()
    {
        compressed.Drain();
        bool isWhole = encoding == Deflate
            ? compressed.Count >= ShortestDeflate && BinaryPrimitives.ReadUInt32BigEndian(compressed.Last) == (_adlerHigh << 16 | _adlerLow)
            : compressed.Count >= ShortestGzip && BinaryPrimitives.ReadUInt32LittleEndian(compressed.Last) == _length;
        if (!isWhole)
        {
            throw ErrorMapping.Malformed($"The {encoding} data of the message are truncated, or followed by other data.");
        }
    }
}
