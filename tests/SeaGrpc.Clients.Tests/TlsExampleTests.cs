using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Server;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Tls;

namespace SeaGrpc.Clients.Tests;

/// <summary>Every client's example of TLS and mutual TLS, against a real server with certificates made here.</summary>
public sealed class TlsExampleTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Sidecar _server = null!;

    public static TheoryData<string> Languages => [.. ClientPrograms.TlsExamples.Keys];

    public async ValueTask InitializeAsync()
    {
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority("SeaGrpc other root");
        await File.WriteAllTextAsync(_folder.File("root.pem"), authority.RootPem);
        await File.WriteAllTextAsync(_folder.File("stranger.pem"), stranger.RootPem);
        authority.Server().Write(_folder.Path, "server");
        authority.Client("chat").Write(_folder.Path, "chat");
        _server = await Sidecar.StartAsync(new Dictionary<string, string?>
        {
            ["SeaGrpc:Models:Threads"] = "1",
            ["SeaGrpc:Transport:Grpc"] = "https://127.0.0.1:0",
            ["SeaGrpc:Tls:Certificate"] = _folder.File("server.pem"),
            ["SeaGrpc:Tls:Key"] = _folder.File("server.key"),
            ["SeaGrpc:Tls:ClientCa"] = _folder.File("root.pem"),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task It_calls_over_mutual_TLS_and_without_a_certificate_or_trust_it_gets_no_answer(string language)
    {
        ClientPrograms client = ClientPrograms.All.Single(client => client.Language == language);
        string address = _server.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        string root = _folder.File("root.pem");
        string[] own = [_folder.File("chat.pem"), _folder.File("chat.key")];
        (int code, string output, string errors) = await client.TlsExampleAsync(address, [root, .. own]);
        Assert.True(code == 0, errors);
        Assert.Matches(@"^answer 2\.\d+  .*A skilled expert will check it today\..*\n$", output);

        foreach (string[] files in (string[][])[[root], [_folder.File("stranger.pem"), .. own]])
        {
            (code, output, _) = await client.TlsExampleAsync(address, files);
            Assert.Equal((1, string.Empty), (code, output));
        }
    }
}
