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
        using var client = new HttpClient();
        return await RawCalls.PostAsync(client, shared.Server.Address, method, message);
    }
}
