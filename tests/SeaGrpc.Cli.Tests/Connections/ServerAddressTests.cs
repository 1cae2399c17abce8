using SeaGrpc.Cli.Connections;

namespace SeaGrpc.Cli.Tests.Connections;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("http://example.org:50051", "http://example.org:50051/", null)]
    [InlineData("localhost:50051", "http://localhost:50051/", null)]
    [InlineData("[::1]:50051", "http://[::1]:50051/", null)]
    [InlineData("https://example.org:443/", "https://example.org/", null)]
    [InlineData("unix:/run/sea.sock", "http://localhost/", "/run/sea.sock")]
    [InlineData("unix:///run/sea.sock", "http://localhost/", "/run/sea.sock")]
    public void Reads_every_form(string text, string endpoint, string? socket)
    {
        var address = ServerAddress.Parse(text);

        Assert.Equal((endpoint, socket), (address?.Endpoint.ToString(), address?.SocketPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("http://localhost")]
    [InlineData("[::1]")]
    [InlineData("localhost:99999")]
    [InlineData("ftp://localhost:21")]
    [InlineData("http://localhost:1/path")]
    [InlineData("unix:")]
    public void Refuses_the_rest(string text) => Assert.Null(ServerAddress.Parse(text));
}
