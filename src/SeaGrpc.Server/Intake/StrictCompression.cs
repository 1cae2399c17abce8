using System.IO.Compression;
using Grpc.Net.Compression;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// gzip or deflate that refuses damaged or truncated messages, and messages that would exceed the size limit when decompressed. The
/// library's own providers accept a truncated message as complete and decompress without limit.
/// </summary>
/// <param name="inner">Compresses; decompresses valid data.</param>
/// <param name="most">Maximum decompressed message size in bytes.</param>
internal sealed class StrictCompression(ICompressionProvider inner, int most) : ICompressionProvider
{
    public string EncodingName => inner.EncodingName;

    /// <summary>Both gRPC encodings.</summary>
    /// <param name="most">Maximum decompressed message size in bytes.</param>
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
