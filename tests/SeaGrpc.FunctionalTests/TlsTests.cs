using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server;
using SeaGrpc.Server.Hosting;
using SeaGrpc.Testing.Tls;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>TLS and mutual TLS by PEM files: docs/operations.md.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TlsFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_call_over_TLS_is_answered_and_HTTP_2_is_agreed_on_in_the_handshake()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, _files.Settings);
        Assert.StartsWith("https://127.0.0.1:", server.Address);
        using GrpcChannel channel = _files.Connect(server.Address);
        Assert.NotNull((await AlignAsync(channel)).Final);
        Assert.Equal(
            "h2", (await TlsFolder.GreetAsync(server.Address, SslApplicationProtocol.Http11, SslApplicationProtocol.Http2)).Protocol);
    }

    [Fact]
    public async Task A_caller_that_does_not_trust_the_authority_sends_nothing()
    {
        await using RunningServer server = await RunningServer.ListenAsync(null, null, _files.Settings);
        using var stranger = new TlsFolder();
        using GrpcChannel channel = stranger.Connect(server.Address);
        RpcException failure = await Failures.OfAsync(() => AlignAsync(channel));
        Assert.Contains("certificate", failure.Status.DebugException!.GetBaseException().Message);
    }

    /// <summary>By bytes: no library of this machine would still send such a hello.</summary>
    [Fact]
    public async Task TLS_1_1_is_refused_by_its_version()
    {
        await using RunningServer server = await RunningServer.ListenAsync(null, null, _files.Settings);
        var address = new Uri(server.Address);
        using var tcp = new TcpClient(address.Host, address.Port);
        byte[] hello = [0x03, 0x02, .. new byte[32], 0, 0, 6, 0xC0, 0x09, 0xC0, 0x13, 0x00, 0x2F, 1, 0];
        await tcp.GetStream().WriteAsync((byte[])[0x16, 0x03, 0x01, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello]);
        byte[] alert = new byte[7];
        await tcp.GetStream().ReadExactlyAsync(alert);
        Assert.Equal((0x15, 2, 70), (alert[0], alert[5], alert[6])); // An alert: fatal, protocol_version.
    }

    [Fact]
    public async Task With_a_client_CA_only_callers_with_a_certificate_of_it_are_served()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, _files.MutualSettings);
        using var stranger = new TestAuthority();
        foreach (TestCertificate? own in (TestCertificate?[])[null, stranger.Client("chat"), _files.Authority.Server()])
        {
            using GrpcChannel refused = _files.Connect(server.Address, own);
            RpcException failure = await Failures.OfAsync(() => AlignAsync(refused));
            Assert.Null(failure.GetRpcStatus()); // The connection fails, not the call.
        }

        using GrpcChannel channel = _files.Connect(server.Address, _files.Authority.Client("chat"));
        Assert.NotNull((await AlignAsync(channel)).Final);
    }

    [Fact]
    public async Task A_caller_without_a_token_is_known_by_the_names_in_its_certificate()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, _files.MutualSettings);
        using GrpcChannel one = _files.Connect(server.Address, _files.Authority.Client("one"));
        using GrpcChannel renewed = _files.Connect(server.Address, _files.Authority.Client("one"));
        using GrpcChannel two = _files.Connect(server.Address, _files.Authority.Client("two"));
        Assert.False((await AlignAsync(one, "same")).Final.Replayed);
        Assert.True((await AlignAsync(renewed, "same")).Final.Replayed);
        Assert.False((await AlignAsync(two, "same")).Final.Replayed);
    }

    [Theory]
    [InlineData("written")]
    [InlineData("linked")]
    public async Task Renewed_files_are_for_new_connections_and_open_calls_go_on(string way)
    {
        using var runs = new GatedRuns { Iterations = 3 };
        Renewal renewal = new(_files, way);
        await using RunningServer server = await RunningServer.StartAsync(runs.Script, renewal.Settings);
        using GrpcChannel channel = _files.Connect(server.Address);
        using AsyncServerStreamingCall<StreamAlignResponse> call =
            new AlignmentService.AlignmentServiceClient(channel).StreamAlign(new StreamAlignRequest { Spec = Specs.Sea() });
        Assert.True(await call.ResponseStream.MoveNext(default));
        string before = (await TlsFolder.GreetAsync(server.Address, SslApplicationProtocol.Http2)).Certificate;

        TestCertificate renewed = _files.Authority.Server();
        renewal.Put(renewed);
        string shown;
        do
        {
            await Task.Delay(20);
            shown = (await TlsFolder.GreetAsync(server.Address, SslApplicationProtocol.Http2)).Certificate;
        }
        while (shown == before);
        Assert.Equal(renewed.Pem, shown);

        runs.Gate.Open();
        AlignmentFinal? final = null;
        while (await call.ResponseStream.MoveNext(default))
        {
            final = call.ResponseStream.Current.Final;
        }

        Assert.Equal(3, final!.IterationsRun);
        Assert.NotNull((await AlignAsync(channel)).Final); // Over the connection from before, too.
        using GrpcChannel fresh = _files.Connect(server.Address);
        Assert.NotNull((await AlignAsync(fresh)).Final);
    }

    [Fact]
    public async Task Bad_new_files_leave_the_old_ones_in_use_and_the_log_says_why()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, _files.Settings);
        string address = await process.AddressAsync();
        await process.LineAsync("TLS: the certificate is CN=localhost, valid until ");
        string before = (await TlsFolder.GreetAsync(address)).Certificate;

        TestCertificate renewed = _files.Authority.Server();
        await File.WriteAllTextAsync(_files.Path("server.pem"), renewed.Pem);
        await process.LineAsync($"{_files.Path("server.key")} is damaged, or not the key of the first certificate");
        Assert.Equal(before, (await TlsFolder.GreetAsync(address)).Certificate);

        await File.WriteAllTextAsync(_files.Path("server.key"), renewed.KeyPem);
        await process.LineAsync("TLS: new connections get the changed certificate CN=localhost");
        Assert.Equal(renewed.Pem, (await TlsFolder.GreetAsync(address)).Certificate);
        File.Delete(_files.Path("server.pem"));
        await process.LineAsync($"SeaGrpc:Tls:Certificate: {_files.Path("server.pem")} cannot be read");
        Assert.Equal(renewed.Pem, (await TlsFolder.GreetAsync(address)).Certificate);
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());
        Assert.DoesNotContain("PRIVATE KEY", process.Output);
    }

    [Theory]
    [InlineData("missing", "SeaGrpc:Tls:Certificate: {server.pem} cannot be read")]
    [InlineData("empty", "SeaGrpc:Tls:Certificate: {server.pem} is empty or not an ordinary file")]
    [InlineData("binary", "SeaGrpc:Tls:Certificate: {server.pem} has no certificate in PEM")]
    [InlineData("damaged", "SeaGrpc:Tls:Certificate: {server.pem} has a damaged certificate")]
    [InlineData("expired", "SeaGrpc:Tls:Certificate: the first certificate of {server.pem} (CN=localhost) expired on ")]
    [InlineData("early", "SeaGrpc:Tls:Certificate: the first certificate of {server.pem} (CN=localhost) is not valid before ")]
    [InlineData("for a caller", "(CN=chat) is not for servers: its extended key usage lacks serverAuth")]
    [InlineData("no key", "SeaGrpc:Tls:Key: {server.key} has no private key in PEM")]
    [InlineData("other key", "SeaGrpc:Tls:Key: {server.key} is damaged, or not the key of the first certificate of {server.pem} (CN=local")]
    [InlineData("passphrase", "SeaGrpc:Tls:Key: the key in {server.key} has a passphrase")]
    [InlineData("no root", "SeaGrpc:Tls:ClientCa: {root.pem} has no root certificate")]
    [InlineData("key as CA", "SeaGrpc:Tls:ClientCa: {root.pem} has no certificate in PEM")]
    public async Task Files_of_no_use_end_the_start_with_what_to_change(string fault, string told)
    {
        Break(fault);
        FileFaultException failure = await Assert.ThrowsAsync<FileFaultException>(
            () => RunningServer.ListenAsync(null, null, _files.MutualSettings));
        foreach (string name in (string[])["server.pem", "server.key", "root.pem"])
        {
            told = told.Replace($"{{{name}}}", _files.Path(name), StringComparison.Ordinal);
        }

        Assert.Contains(told, failure.Message);
    }

    [Fact]
    public async Task A_program_whose_certificate_has_expired_says_so_and_ends_with_1()
    {
        Break("expired");
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, _files.Settings);
        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains("SeaGrpc cannot start. SeaGrpc:Tls:Certificate: the first certificate of ", process.Output);
        Assert.DoesNotContain("   at ", process.Output);
    }

    [Fact]
    public async Task GRPC_Web_and_health_are_served_over_TLS_too()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            null, [.. _files.Settings, "Transport:Http=https://127.0.0.1:0", "Transport:WebOrigins=https://chat.example"]);
        using var http = new HttpClient(_files.Handler());
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri($"{server.HttpAddress}/healthz/ready")));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.HttpAddress}/sea.v1.InfoService/GetServerInfo")
        {
            Content = new ByteArrayContent(RawCalls.Framed([])) { Headers = { ContentType = new("application/grpc-web") } },
        };
        request.Headers.Add("Origin", "https://chat.example");
        using HttpResponseMessage answer = await http.SendAsync(request);
        Assert.Equal(["https://chat.example"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains("grpc-status: 0", Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync()));
        using var stranger = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetStringAsync(new Uri($"{server.HttpAddress}/healthz/ready")));
    }

    [Fact]
    public async Task Health_stays_in_plain_text_beside_gRPC_over_TLS_and_the_program_asks_it_there()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, _files.MutualSettings);
        using var http = new HttpClient();
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri($"{server.HttpAddress}/healthz/ready")));
        Assert.Equal(0, await AskAsync(_files.MutualSettings, server.Address, server.HttpAddress));
        Assert.Equal(1, await AskAsync(_files.MutualSettings, server.Address, "none"));
    }

    [Fact]
    public async Task Without_a_plain_address_the_program_asks_for_health_over_TLS()
    {
        await using RunningServer server = await RunningServer.StartAsync(null, [.. _files.Settings, "Transport:Http=none"]);
        Assert.Equal(0, await AskAsync(_files.Settings, server.Address, "none"));
    }

    private static Task<int> AskAsync(string[] settings, string grpc, string http) => SeaServer.RunAsync(
        [.. settings.Select(setting => $"--SeaGrpc:{setting}"), $"--SeaGrpc:Transport:Grpc={grpc}", $"--SeaGrpc:Transport:Http={http}",
            HealthProbe.Argument]);

    private static async Task<AlignResponse> AlignAsync(GrpcChannel channel, string? requestId = null)
    {
        AlignmentSpec spec = Specs.Sea();
        if (requestId is not null)
        {
            spec.RequestId = requestId;
        }

        return await new AlignmentService.AlignmentServiceClient(channel).AlignAsync(new AlignRequest { Spec = spec });
    }

    private void Break(string fault)
    {
        string certificate = _files.Path("server.pem");
        string key = _files.Path("server.key");
        TestAuthority authority = _files.Authority;
        switch (fault)
        {
            case "missing":
                File.Delete(certificate);
                break;
            case "empty":
                File.WriteAllText(certificate, string.Empty);
                break;
            case "binary":
                File.WriteAllBytes(certificate, authority.Server().WithKey().RawData);
                break;
            case "damaged":
                File.WriteAllText(certificate, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
                break;
            case "expired":
                authority.Server(-0.5, -0.25).Write(Path.GetDirectoryName(certificate)!, "server");
                break;
            case "early":
                authority.Server(0.25, 0.5).Write(Path.GetDirectoryName(certificate)!, "server");
                break;
            case "for a caller":
                authority.Client("chat").Write(Path.GetDirectoryName(certificate)!, "server");
                break;
            case "no key":
                File.Copy(certificate, key, overwrite: true);
                break;
            case "other key":
                File.WriteAllText(key, authority.Server().KeyPem);
                break;
            case "passphrase":
                File.WriteAllText(
                    key,
                    authority.Server().WithKey().GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem(
                        "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)));
                break;
            case "no root":
                File.Copy(certificate, _files.Path("root.pem"), overwrite: true);
                break;
            case "key as CA":
                File.Copy(key, _files.Path("root.pem"), overwrite: true);
                break;
        }
    }

    /// <summary>How an operator or Kubernetes replaces the two files.</summary>
    private sealed class Renewal(TlsFolder files, string way)
    {
        private int _version;

        /// <summary>Settings of a server over the files.</summary>
        public string[] Settings
        {
            get
            {
                if (way == "written")
                {
                    return files.Settings;
                }

                Put(files.Authority.Server());
                Directory.CreateDirectory(files.Path("tls"));
                File.CreateSymbolicLink(files.Path("tls/tls.crt"), "../..data/server.pem");
                File.CreateSymbolicLink(files.Path("tls/tls.key"), "../..data/server.key");
                return [
                    .. files.Settings, $"Tls:Certificate={files.Path("tls/tls.crt")}", $"Tls:Key={files.Path("tls/tls.key")}"];
            }
        }

        public void Put(TestCertificate certificate)
        {
            if (way == "written")
            {
                certificate.Write(files.Path(string.Empty), "server");
                return;
            }

            // A mounted secret: the files are links through ..data, which is exchanged by a rename.
            string version = $"..version-{++_version}";
            Directory.CreateDirectory(files.Path(version));
            certificate.Write(files.Path(version), "server");
            File.CreateSymbolicLink(files.Path("..data-new"), version);
            using Process move = Process.Start("mv", ["-T", files.Path("..data-new"), files.Path("..data")]);
            move.WaitForExit();
            Assert.Equal(0, move.ExitCode);
        }
    }
}
