using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>
/// Bodies that no gRPC library would send: each has a status that says what is wrong, and none is logged as the server's failure.
/// </summary>
public sealed class WireFaultTests : IAsyncLifetime
{
    private const string Align = "sea.v1.AlignmentService/Align";
    private static readonly byte[] Message = new AlignRequest { Spec = Specs.Sea(iterations: 1) }.ToByteArray();
    private static readonly (string, string) Gzip = ("grpc-encoding", "gzip");
    private static readonly (string, string) Deflate = ("grpc-encoding", "deflate");
    private readonly TinyFolders _folders = new();
    private readonly HttpClient _client = new();
    private ServerProcess _process = null!;
    private string _address = null!;
    private string _web = null!;

    public async ValueTask InitializeAsync()
    {
        _process = ServerProcess.Start(
            _folders, "Transport:Http=http://127.0.0.1:0", "Transport:WebOrigins=*", "Transport:MaxRequestBytes=65536");
        _address = await _process.AddressAsync();
        _web = (await _process.LineAsync("health on ")).Split("health on ")[1].Split("/healthz")[0];
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Dispose();
        _folders.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_has_a_fitting_status()
    {
        byte[] gzip = Compressed(Message, stream => new GZipStream(stream, CompressionLevel.Fastest));
        byte[] zlib = Compressed(Message, stream => new ZLibStream(stream, CompressionLevel.Fastest));
        byte[] bomb = Compressed(new byte[64 * 1024 * 1024], stream => new GZipStream(stream, CompressionLevel.Fastest));
        byte[] wrongSum = [.. gzip];
        wrongSum[^6] ^= 1;
        byte[] two = [.. RawCalls.Framed(Message), .. RawCalls.Framed(Message)];

        await AssertAsync("0", "", RawCalls.Framed(Message));
        await AssertAsync("0", "", Frame(1, gzip), Gzip);
        await AssertAsync("0", "", Frame(1, zlib), Deflate);
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, [1, 2, 3, 4, 5, 6, 7, 8]), Gzip);
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, wrongSum), Gzip);
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, zlib), Gzip);
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, [.. gzip, 0]), Gzip);
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, []), Gzip);
        foreach (int cut in (int[])[1, 4, 8, 9, gzip.Length / 2, gzip.Length - 10])
        {
            await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, gzip[..^cut]), Gzip);
            await AssertAsync("3", "MALFORMED_MESSAGE", Frame(1, zlib[..^Math.Min(cut, zlib.Length)]), Deflate);
        }

        await AssertAsync("8", "MESSAGE_TOO_LONG", Frame(1, bomb[..Math.Min(bomb.Length, 65_000)]), Gzip);
        await AssertAsync("13", "", Frame(1, gzip)); // gRPC: compressed, without grpc-encoding.
        await AssertAsync("12", "", Frame(1, gzip), ("grpc-encoding", "br"));
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(2, Message));
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(255, Message), Gzip);
        await AssertAsync("8", "MESSAGE_TOO_LONG", Frame(0, Message, uint.MaxValue));
        await AssertAsync("8", "MESSAGE_TOO_LONG", Frame(0, Message, 65_537));
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(0, Message, (uint)Message.Length + 1));
        await AssertAsync("3", "MALFORMED_MESSAGE", [0, 0, 0]);
        await AssertAsync("3", "MALFORMED_MESSAGE", []);
        await AssertAsync("3", "MALFORMED_MESSAGE", two);
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(0, [0xFF, 0xFF, 0xFF]));
        await AssertAsync("3", "MALFORMED_MESSAGE", Frame(0, [.. Enumerable.Repeat((byte)0x0B, 60_000)])); // Groups in groups.
        await AssertLogAsync();
    }

    [Fact]
    public async Task So_has_gRPC_Web_as_text()
    {
        string whole = Convert.ToBase64String(RawCalls.Framed(Message));
        Assert.Equal("0", (await WebAsync(whole)).Status);
        foreach (string body in (string[])["!!!!" + whole, "A", whole[..^5], whole[..8] + "?" + whole[9..]])
        {
            RawAnswer answer = await WebAsync(body);
            Assert.True(
                answer is { Status: "3", Reason: "MALFORMED_MESSAGE" }, $"{body}: {answer.Status} {answer.Reason} {answer.Message}");
        }

        await AssertLogAsync();
    }

    [Fact]
    public async Task A_call_that_its_caller_resets_is_logged_as_cancelled()
    {
        using (var given = new CancellationTokenSource())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{_address}/{Align}")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new HalfBody(RawCalls.Framed(Message), given),
            };
            await Assert.ThrowsAnyAsync<Exception>(() => _client.SendAsync(request, given.Token));
        }

        await _process.LineAsync("AlignmentService/Align Cancelled CANCELLED");

        using (GrpcChannel channel = GrpcChannel.ForAddress(_address))
        {
            AlignmentSpec spec = Specs.Sea(iterations: 1000, chains: 4);
            spec.MaxResponseTokens = 200;
            using AsyncServerStreamingCall<StreamAlignResponse> call =
                new AlignmentService.AlignmentServiceClient(channel).StreamAlign(new StreamAlignRequest { Spec = spec });
            Assert.True(await call.ResponseStream.MoveNext(default));
        }

        await _process.LineAsync("AlignmentService/StreamAlign Cancelled");
        await AssertLogAsync();
    }

    private static byte[] Frame(byte flag, byte[] message, uint? length = null)
    {
        byte[] frame = RawCalls.Framed(message);
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        return frame;
    }

    private static byte[] Compressed(byte[] message, Func<Stream, Stream> open)
    {
        using var output = new MemoryStream();
        using (Stream stream = open(output))
        {
            stream.Write(message);
        }

        return output.ToArray();
    }

    private async Task AssertAsync(string status, string reason, byte[] body, params (string Name, string Value)[] headers)
    {
        RawAnswer answer = await RawCalls.PostBodyAsync(_client, _address, Align, body, headers: headers);
        Assert.True(
            answer.Status == status && answer.Reason == reason,
            $"{Convert.ToHexString(body.AsSpan(0, Math.Min(12, body.Length)))}… of {body.Length} bytes: {answer.Status} {answer.Reason} "
                + $"{answer.Message}");
    }

    private async Task<RawAnswer> WebAsync(string body)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{_web}/{Align}")
        { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(body)) };
        request.Content.Headers.ContentType = new("application/grpc-web-text");
        using HttpResponseMessage response = await _client.SendAsync(request);
        string text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
        if (response.Headers.Contains("grpc-status"))
        {
            return new RawAnswer([.. response.Headers.Select(header => (header.Key, string.Join(',', header.Value)))]);
        }

        IEnumerable<string> lines = text.Split("\r\n").Where(line => line.Contains("grpc-", StringComparison.Ordinal));
        return new RawAnswer(
            [.. lines.Select(line => line[line.IndexOf("grpc-", StringComparison.Ordinal)..].Split(':', 2))
                .Select(pair => (pair[0], pair[1].Trim()))]);
    }

    private async Task AssertLogAsync()
    {
        await RawCalls.PostBodyAsync(_client, _address, "sea.v1.InfoService/GetServerInfo", RawCalls.Framed([]));
        await _process.LineAsync("GetServerInfo OK");
        Assert.DoesNotContain("fail:", _process.Output);
        Assert.DoesNotContain("warn:", _process.Output);
        Assert.DoesNotContain("   at ", _process.Output);
    }

    /// <summary>Sends half of a body, then gives the call up.</summary>
    private sealed class HalfBody : HttpContent
    {
        private readonly byte[] _body;
        private readonly CancellationTokenSource _given;

        public HalfBody(byte[] body, CancellationTokenSource given)
        {
            (_body, _given) = (body, given);
            Headers.ContentType = new("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_body.AsMemory(0, _body.Length / 2));
            await stream.FlushAsync();
            await Task.Delay(200);
            await _given.CancelAsync();
            await Task.Delay(Timeout.Infinite, _given.Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
