using System.Buffers.Binary;
using System.Text;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>One HTTP/2 request, frame by frame: for headers that no client library sends.</summary>
internal static class PlainHttp2
{
    /// <summary>Type of the frame that begins an answer.</summary>
    public const byte Headers = 1;

    /// <summary>Type of the frame that refuses a stream.</summary>
    public const byte Reset = 3;

    private const byte Settings = 4;
    private const byte EndStreamAndHeaders = 5;
    private const int HeaderLength = 9;

    /// <summary>Asks for a path that there is none of, and gives the type of the first frame of the stream's answer.</summary>
    public static async Task<byte> AnswerAsync(Stream connection, string authority)
    {
        byte[] fields =
        [
            .. Field(":method", "POST"), .. Field(":scheme", "http"), .. Field(":path", "/"), .. Field(":authority", authority),
            .. Field("content-type", "application/grpc"), .. Field("te", "trailers"),
        ];
        await connection.WriteAsync((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []), .. Frame(Headers, EndStreamAndHeaders, 1, fields),
        ]);
        byte[] header = new byte[HeaderLength];
        while (true)
        {
            await connection.ReadExactlyAsync(header);
            if (BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) == 1)
            {
                return header[3];
            }

            await connection.ReadExactlyAsync(new byte[(header[0] << 16) | (header[1] << 8) | header[2]]);
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        byte[] frame = [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }

    /// <summary>A literal without indexing, name and value as they are.</summary>
    private static byte[] Field(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
