using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Connections;

/// <summary>An address where something else listens: every command that takes a server says what it is, and what to write.</summary>
[Trait("tier", "slow")]
public sealed class WrongAddressTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private TcpListener _silent = null!;
    private string _health = null!;
    private string _page = null!;
    private string _tls = null!;
    private string _plain = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate()));
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _app = builder.Build();
        _app.MapGet("/healthz/live", (HttpContext context) => context.Request.Host.Host == "127.0.0.1" ? "Healthy" : "a page");
        await _app.StartAsync();
        string[] urls = [.. _app.Urls];
        (_health, _tls, _plain) = (urls[0], urls[1].Replace("https://", "http://", StringComparison.Ordinal), urls[2]);
        _page = _health.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        _silent = new TcpListener(IPAddress.Loopback, 0);
        _silent.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _silent.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("align", "hello")]
    [InlineData("align", "hello", "--json")]
    [InlineData("load", "--duration", "1")]
    public async Task The_health_port_is_named(params string[] command)
    {
        var result = await BuiltProgram.Cli.RunAsync([.. command, "--server", _health]);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal(
            $"{_health} is a server's HTTP port, for health checks and gRPC-Web. gRPC listens at another address: "
                + "SeaGrpc:Transport:Grpc, by default port 50051.\n", result.Error);
    }

    [Fact]
    public async Task So_is_what_speaks_no_gRPC()
    {
        await AssertSaysAsync(_page, $"{_page} speaks HTTP/1.1, not gRPC: use the address of the server's gRPC.\n");
        await AssertSaysAsync(_tls, $"{_tls} speaks TLS: write https:// instead of http://.\n");
        string https = _plain.Replace("http://", "https://", StringComparison.Ordinal);
        await AssertSaysAsync(https, $"{https} does not speak TLS: write http:// instead of https://.\n");
    }

    [Fact]
    public async Task A_port_that_closes_or_says_something_else_is_named()
    {
        string address = $"http://{_silent.LocalEndpoint}";
        using var stop = new CancellationTokenSource();
        Task greeting = GreetAsync(stop.Token);
        await AssertSaysAsync(
            address, $"{address} accepts connections, but does not speak gRPC: use the address of the server's gRPC.\n");
        await stop.CancelAsync();
        await greeting;
    }

    [Fact]
    public async Task Another_gRPC_server_is_named()
    {
        var result = await BuiltProgram.Cli.RunAsync("align", "hello", "--server", _plain);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains($"{_plain} may be another program", result.Error, StringComparison.Ordinal);
    }

    private static async Task AssertSaysAsync(string address, string error)
    {
        var result = await BuiltProgram.Cli.RunAsync("align", "hello", "--server", address);
        Assert.Equal((1, "", error), (result.ExitCode, result.Output, result.Error));
    }

    private async Task GreetAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _silent.AcceptTcpClientAsync(stop);
                await client.GetStream().WriteAsync("SSH-2.0-none\r\n"u8.ToArray(), stop);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The test has ended.
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
