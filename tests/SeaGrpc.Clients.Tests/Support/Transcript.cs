using System.Buffers.Binary;
using Google.Protobuf;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>A recorded stream: messages framed as gRPC frames them, one byte 0 and four bytes of length before each.</summary>
internal static class Transcript
{
    private const int HeaderBytes = 5;

    /// <summary>clients/conformance/transcripts.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "clients", "conformance", "transcripts");

    /// <summary>The recorded stream that every client decodes.</summary>
    public static byte[] Golden { get; } = File.ReadAllBytes(Path.Combine(Folder, "golden.bin"));

    public static IReadOnlyList<StreamAlignResponse> Read(byte[] frames)
    {
        var messages = new List<StreamAlignResponse>();
        for (int at = 0; at < frames.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(frames.AsSpan(at + 1));
            messages.Add(StreamAlignResponse.Parser.ParseFrom(frames, at + HeaderBytes, length));
            at += HeaderBytes + length;
        }

        return messages;
    }

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[HeaderBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, HeaderBytes);
        return frame;
    }
}
