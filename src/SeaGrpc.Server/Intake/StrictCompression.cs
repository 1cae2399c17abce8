using System.IO.Compression;
using Grpc.Net.Compression;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// gzip or deflate whose messages are read strictly: a message that is damaged or cut is refused, and so is one that would grow beyond the
/// limit on messages. The library's own providers accept a truncated message as complete, and decompress without a limit.
/// </summary>
/// <param name="inner">Compresses, and decompresses what is sound.</param>
/// <param name="most">Longest decompressed message in bytes.</param>
internal sealed class StrictCompression(ICompressionProvider inner, int most) : ICompressionProvider
{
    public string EncodingName => inner.EncodingName;

    /// <summary>Both encodings of gRPC.</summary>
    /// <param name="most">Longest decompressed message in bytes.</param>
    public static IEnumerable<ICompressionProvider> All(int most) =>
    [
        new StrictCompression(new GzipCompressionProvider(CompressionLevel.Fastest), most),
        new StrictCompression(new DeflateCompressionProvider(CompressionLevel.Fastest), most),
    ];

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        inner.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream)
    {
        var tail = new TailStream(stream);
        return new StrictDecompression(inner.CreateDecompressionStream(tail), tail, EncodingName, most);
    }
}
