using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Rpc;

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
    public static async Task<(string Status, string Message)> PostAsync(
        HttpClient client, string address, string method, byte[] message, string? timeout = null)
    {
        RawAnswer answer = await PostBodyAsync(
            client, address, $"sea.v1.AlignmentService/{method}", Framed(message), headers: timeout is null
                ? []
                : [("grpc-timeout", timeout)]);
        return (answer.Status, answer.Message);
    }

    /// <summary>Posts a body unchanged.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="address">The server.</param>
    /// <param name="path">Service and method.</param>
    /// <param name="body">Frames, or what looks like them.</param>
    /// <param name="contentType">gRPC, or gRPC-Web by HTTP/1.1.</param>
    /// <param name="headers">More headers.</param>
    public static async Task<RawAnswer> PostBodyAsync(
        HttpClient client, string address, string path, byte[] body, string contentType = "application/grpc",
        params (string Name, string Value)[] headers)
    {
        bool isWeb = contentType != "application/grpc";
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{address}/{path}")
        {
            Version = isWeb ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        HttpHeaders trailers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        return new RawAnswer([.. trailers.Select(header => (header.Key, string.Join(',', header.Value)))]);
    }
}

/// <summary>What a call ended with.</summary>
/// <param name="Trailers">Its trailers, or its headers where it has nothing else.</param>
internal sealed record RawAnswer(IReadOnlyList<(string Name, string Value)> Trailers)
{
    public string Status => Find("grpc-status");

    public string Message => Uri.UnescapeDataString(Find("grpc-message"));

    /// <summary>The reason in the details; empty if there are none.</summary>
    public string Reason => Details?.GetDetail<ErrorInfo>()?.Reason ?? string.Empty;

    public Google.Rpc.Status? Details => Find("grpc-status-details-bin") is { Length: > 0 } encoded
        ? Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(encoded.PadRight((encoded.Length + 3) / 4 * 4, '=')))
        : null;

    /// <summary>As HTTP/2 counts it: RFC 9113, 6.5.2.</summary>
    public int Bytes => Trailers.Sum(trailer => trailer.Name.Length + trailer.Value.Length + 32);

    private string Find(string name) => Trailers.FirstOrDefault(trailer => trailer.Name == name).Value ?? string.Empty;
}
