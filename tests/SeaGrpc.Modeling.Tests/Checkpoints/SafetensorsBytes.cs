using System.Buffers.Binary;
using System.Text;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

/// <summary>Safetensors files made byte by byte, sound or not.</summary>
internal static class SafetensorsBytes
{
    internal static byte[] Make(string header, int dataLength) => Make(Encoding.UTF8.GetBytes(header), dataLength);

    internal static byte[] Make(byte[] header, int dataLength)
    {
        var file = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        return file;
    }
}
