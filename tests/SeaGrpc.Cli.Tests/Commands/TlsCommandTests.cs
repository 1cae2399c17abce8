using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

/// <summary>A server that speaks TLS and asks for a certificate.</summary>
[Trait("tier", "slow")]
public sealed class TlsCommandTests : IAsyncLifetime
{
    private TlsSidecar _server = null!;

    public async ValueTask InitializeAsync() => _server = await TlsSidecar.StartAsync("chat", "other");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Align_calls_it_with_the_certificates_that_it_is_given()
    {
        ProgramResult result = await AlignAsync(
            "--ca", _server.File(TlsFolder.Root), "--cert", _server.File("chat.pem"), "--key", _server.File("chat.key"));
        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        Assert.Contains("\"final\"", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_that_is_not_trusted_is_told_with_the_option_to_give()
    {
        ProgramResult result = await AlignAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Name the root certificates to trust with --ca FILE", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cert and --key belong together", "--cert", "chat.pem")]
    [InlineData("is not the private key of the first certificate", "--cert", "chat.pem", "--key", "other.key")]
    [InlineData("has no certificate in PEM", "--ca", "chat.key")]
    [InlineData("missing.pem cannot be read", "--ca", "missing.pem")]
    public async Task Files_of_no_use_are_told(string told, params string[] options)
    {
        ProgramResult result = await AlignAsync(
            [.. options.Select(option => option.StartsWith("--", StringComparison.Ordinal) ? option : _server.File(option))]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_for_a_plain_address_are_told()
    {
        ProgramResult result = await BuiltProgram.Cli.RunAsync("align", "Hello", "--server", "http://127.0.0.1:9", "--ca", TlsFolder.Root);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--ca, --cert and --key are for --server https://host:port.", result.Error, StringComparison.Ordinal);
    }

    private Task<ProgramResult> AlignAsync(params string[] options) =>
        BuiltProgram.Cli.RunAsync(["align", "Hello", "--json", "--method", "base", "--server", _server.Address, .. options]);
}
