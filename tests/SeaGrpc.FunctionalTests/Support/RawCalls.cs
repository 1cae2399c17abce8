using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>Calls by bytes, so that a message may be one that no protobuf library would send.</summary>
internal static class RawCalls
{
    /// <summary>A message with its length in front, as gRPC sends it.</summary>
    public static byte[] Framed(byte[] message)
    {
        byte[] frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Calls a method of AlignmentService.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="address">The server.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="message">What is sent.</param>
    /// <param name="timeout">The deadline as gRPC writes it, or null.</param>
    /// <returns>grpc-status and grpc-message.</returns>
    public static async Task<(string Status, string Message)> PostAsync(HttpClient client, string address, string method, byte[] message, string? timeout = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/sea.v1.AlignmentService/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Framed(message)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (timeout is not null)
        {
            request.Headers.Add("grpc-timeout", timeout);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        HttpHeaders headers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        string text = headers.TryGetValues("grpc-message", out IEnumerable<string>? values) ? Uri.UnescapeDataString(values.Single()) : string.Empty;
        return (headers.GetValues("grpc-status").Single(), text);
    }
}
