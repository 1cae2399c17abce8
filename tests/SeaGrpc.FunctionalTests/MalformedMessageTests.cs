using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Bytes that no protobuf library would send.</summary>
[Collection(SharedServerTests.Name)]
public sealed class MalformedMessageTests(SharedServer shared)
{
    [Theory]
    [InlineData("Align")]
    [InlineData("StreamAlign")]
    public async Task A_text_that_is_no_utf8_is_an_invalid_argument(string method)
    {
        byte[] message = new AlignRequest { Spec = Specs.Sea() }.ToByteArray();
        message[message.AsSpan().IndexOf("How are you?"u8)] = 0xFF;

        (string status, string text) = await PostAsync(method, message);

        Assert.Equal("3", status);
        Assert.Contains("UTF-8", text);
    }

    [Fact]
    public async Task A_truncated_message_is_an_invalid_argument()
    {
        byte[] message = new AlignRequest { Spec = Specs.Sea() }.ToByteArray();
        Assert.Equal("3", (await PostAsync("Align", message[..^3])).Status);
    }

    [Fact]
    public async Task The_same_bytes_unharmed_are_answered()
    {
        Assert.Equal("0", (await PostAsync("Align", new AlignRequest { Spec = Specs.Sea() }.ToByteArray())).Status);
    }

    private async Task<(string Status, string Message)> PostAsync(string method, byte[] message)
    {
        byte[] frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{shared.Server.Address}/sea.v1.AlignmentService/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using HttpResponseMessage response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        HttpHeaders headers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        string text = headers.TryGetValues("grpc-message", out IEnumerable<string>? values) ? Uri.UnescapeDataString(values.Single()) : string.Empty;
        return (headers.GetValues("grpc-status").Single(), text);
    }
}
