using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests;

/// <summary>The recorded stream: clients/conformance/transcripts.</summary>
public sealed class TranscriptTests
{
    private const string WriteVariable = "SEAGRPC_RECORD_TRANSCRIPT";

    [Fact]
    public void Its_bytes_are_read_as_the_lines_beside_it_say()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Transcript.Folder, "golden.jsonl"));
        Assert.Equal(lines.Select(StreamAlignResponse.Parser.ParseJson), Transcript.Read(Transcript.Golden));
        Assert.Equal(
            ["Queued", "Started", "Draft", "Iteration", "Final"],
            Transcript.Read(Transcript.Golden).Select(next => next.EventCase.ToString()).Distinct());
    }

    [Fact]
    public async Task A_server_of_today_still_sends_such_a_stream()
    {
        byte[] body = await RecordAsync();
        IReadOnlyList<StreamAlignResponse> messages = Transcript.Read(body);
        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
        {
            await File.WriteAllBytesAsync(Path.Combine(Transcript.Folder, "golden.bin"), body);
            await File.WriteAllLinesAsync(
                Path.Combine(Transcript.Folder, "golden.jsonl"), messages.Select(message => JsonFormatter.Default.Format(message)));
        }

        Assert.Equal(
            Transcript.Read(await File.ReadAllBytesAsync(Path.Combine(Transcript.Folder, "golden.bin"))).Select(next => next.EventCase),
            messages.Select(next => next.EventCase));
    }

    /// <summary>The bytes of a stream that waits in the queue first and carries all that updates can carry.</summary>
    private static async Task<byte[]> RecordAsync()
    {
        using var folders = new TinyFolders();
        var runs = new ScriptedRuns();
        await using TestServer server = await TestServer.StartAsync(
            runs.Script, [$"Models:Policy={folders.Policy}", $"Models:Reward={folders.Reward}", "Engine:MaxConcurrentJobs=1"]);
        await server.HoldAsync(Spec("before", 9005));
        AlignmentSpec spec = Spec("golden", 11);
        spec.Updates =
            new UpdateOptions { IncludeText = true, IncludeChangedSpans = true, IncludeTokenIds = true, IncludeKlPerToken = true };
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.Grpc}/sea.v1.AlignmentService/StreamAlign")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Transcript.Frame(new StreamAlignRequest { Spec = spec })),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using Stream stream = await response.Content.ReadAsStreamAsync();
        byte[] first = new byte[1];
        await stream.ReadExactlyAsync(first); // It is queued: now it may have its turn.
        await server.Alignment.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = "before" });
        using var all = new MemoryStream();
        all.Write(first);
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private static AlignmentSpec Spec(string requestId, ulong seed) => new()
    {
        Prompt = new Prompt { Text = "How are you, 水?" },
        Sea = new SeaParameters { Preset = SeaPreset.Langevin, Chains = 2, Iterations = 2, PlateauIterations = 0, MaxFluencyLoss = 100 },
        DraftResponse = new ResponseContent { Text = "Zażółć 👩‍🚀" },
        MaxResponseTokens = 30,
        Seed = seed,
        RequestId = requestId,
    };
}
