using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests;

/// <summary>Every client's example of TLS and mutual TLS, against a real server with certificates made here.</summary>
public sealed class TlsExampleTests : IAsyncLifetime
{
    private readonly TlsFolder _stranger = new();
    private TlsSidecar _server = null!;

    public static TheoryData<string> Languages => [.. ClientPrograms.TlsExamples.Keys];

    public async ValueTask InitializeAsync() => _server = await TlsSidecar.StartAsync("chat");

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _stranger.Dispose();
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task It_calls_over_mutual_TLS_and_without_a_certificate_or_trust_it_gets_no_answer(string language)
    {
        ClientPrograms client = ClientPrograms.All.Single(client => client.Language == language);
        string address = _server.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        string root = _server.File(TlsFolder.Root);
        string[] own = [_server.File("chat.pem"), _server.File("chat.key")];
        (int code, string output, string errors) = await client.TlsExampleAsync(address, [root, .. own]);
        Assert.True(code == 0, errors);
        Assert.Matches(@"^answer 2\.\d+  .*A skilled expert will check it today\..*\n$", output);

        foreach (string[] files in (string[][])[[root], [_stranger.Path(TlsFolder.Root), .. own]])
        {
            (code, output, _) = await client.TlsExampleAsync(address, files);
            Assert.Equal((1, string.Empty), (code, output));
        }
    }
}
