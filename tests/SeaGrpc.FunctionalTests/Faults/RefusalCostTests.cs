using System.Text;
using Google.Protobuf;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>
/// A refusal costs no more than its request: fifty at once, of the maximum size or the maximum number of parts, whatever fills them.
/// </summary>
public sealed class RefusalCostTests
{
    private const int AtOnce = 50;
    private const int Full = 4 * 1024 * 1024;
    private const long MostGrowth = 200L * 1024 * 1024;

    private static readonly (string Name, string Method, byte[] Message)[] Requests =
    [
        ("chains, packed", "Align", In(1, In(16, Field(3, new byte[Full - 64])))),
        ("chains, one by one", "StreamAlign", In(1, In(16, Repeated([0x18, 0x7F], Full - 64)))),
        ("messages without anything", "Align", In(1, In(1, In(1, Repeated([0x0A, 0x00], Full - 64))))),
        ("messages of no role", "StreamAlign", In(1, In(1, In(1, Repeated([0x0A, 0x05, 0x08, 0x63, 0x12, 0x01, 0x61], Full - 64))))),
        ("rewards that are not there", "Align", In(1, Repeated([0x8A, 0x01, 0x03, 0x0A, 0x01, 0x78], Full - 64))),
        ("rewards to score by", "Score", Repeated([0x2A, 0x03, 0x0A, 0x01, 0x78], Full - 64)),
        ("token ids outside the vocabulary", "Align", In(1, In(1, In(3, Field(1, [.. Enumerable.Repeat((byte)0x7F, Full - 64)]))))),
        ("pairs without anything", "Score", Repeated([0x0A, 0x00], Full - 64)),
        ("one text", "Align", In(1, In(1, Field(2, Letters(Full - 64))))),
        ("a model's name", "Align", In(1, Field(14, Letters(Full - 64)))),
        ("a request's name", "CancelAlignment", Field(2, Letters(Full - 64))),
        ("unknown fields", "Align", In(1, Repeated([0xF8, 0x07, 0x01], Full - 64))),
        ("one unknown field", "Align", In(1, Field(99, new byte[Full - 64]))),
        ("the spec again and again", "Align", Repeated([0x0A, 0x00], Full - 64)),
    ];

    /// <summary>What is refused by its tokens alone, or not at all.</summary>
    private static readonly (string Name, string Method, byte[] Message)[] LongRequests =
    [
        ("long pairs", "Score", Pairs(256, Specs.Text(Words(8000)), Specs.Response(Words(8000)))),
        ("long texts of wide characters", "Score", Pairs(256, Specs.Text(new string('\u4F60', 5000)), Specs.Response("a"))),
        ("long conversations", "Score", Pairs(250, Chat(8, 2000), Specs.Response("a"))),
        ("long lists of ids", "Score", Pairs(256, Ids(4096), new ResponseContent { TokenIds = Ids(1000).TokenIds })),
        ("conversations of many messages", "Align",
            new AlignRequest { Spec = new AlignmentSpec { Prompt = Chat(5000, 1), Sea = new SeaParameters() } }.ToByteArray()),
    ];

    [Fact]
    public Task Fifty_at_once_take_less_than_200_megabytes() => AssertCheapAsync(Requests);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public Task Fifty_that_must_be_read_take_less_than_200_megabytes(int kind) => AssertCheapAsync([LongRequests[kind]]);

    private static async Task AssertCheapAsync((string Name, string Method, byte[] Message)[] requests)
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        string address = await process.AddressAsync();
        using var good = new HttpClient();
        await RawCalls.PostAsync(good, address, "Align", new AlignRequest { Spec = Specs.Sea(iterations: 1) }.ToByteArray());
        long before = process.Resident();
        process.ForgetPeak();
        foreach ((string name, string method, byte[] message) in requests)
        {
            Assert.InRange(message.Length, 1, Full);
            byte[] body = RawCalls.Framed(message);

            // A connection of its own: Kestrel gives those up on which many streams were refused before they had come whole.
            using var client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
            RawAnswer[] answers = await Task.WhenAll(
                Enumerable.Range(0, AtOnce).Select(
                    _ => RawCalls.PostBodyAsync(client, address, $"sea.v1.AlignmentService/{method}", body)));
            Assert.All(answers, answer =>
            {
                Assert.True(answer.Status is "3" or "5" or "8", $"{name}: {answer.Status} {answer.Message}");
                Assert.InRange(answer.Bytes, 1, 8000);
                Assert.InRange(answer.Message.Length, 1, 1300);
            });
            long growth = process.Peak() - before;
            IEnumerable<string> kinds = answers.GroupBy(answer => answer.Status + " " + answer.Reason)
                .Select(group => $"{group.Key} x {group.Count()}");
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{name}: {growth >> 20} MiB, {string.Join(' ', kinds)}, {answers[0].Message}");
            Assert.True(growth < MostGrowth, $"{name}: memory grew by {growth >> 20} MiB.");
        }

        Assert.Equal(
            "0",
            (await RawCalls.PostAsync(good, address, "Align", new AlignRequest { Spec = Specs.Sea(iterations: 1) }.ToByteArray())).Status);
    }

    private static byte[] Pairs(int count, Prompt prompt, ResponseContent response) =>
        new ScoreRequest { Pairs = { Enumerable.Repeat(new ScorePair { Prompt = prompt, Response = response }, count) } }.ToByteArray();

    private static Prompt Chat(int messages, int characters) =>
        Specs.Chat([.. Enumerable.Repeat((Role.User, Words(characters)), messages)]);

    private static Prompt Ids(int count) => new() { TokenIds = new TokenIds { Ids = { Enumerable.Repeat(70, count) } } };

    private static string Words(int characters) =>
        string.Concat(Enumerable.Range(0, characters).Select(at => at % 6 == 5 ? ' ' : (char)('a' + (at * 7 % 26))));

    private static byte[] Letters(int count) => Encoding.ASCII.GetBytes(new string('x', count));

    private static byte[] Repeated(byte[] element, int size)
    {
        byte[] all = new byte[size / element.Length * element.Length];
        for (int at = 0; at < all.Length; at += element.Length)
        {
            element.CopyTo(all, at);
        }

        return all;
    }

    private static byte[] In(int field, byte[] message) => Field(field, message);

    private static byte[] Field(int field, byte[] content)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes, leaveOpen: true);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength(content.Length);
        output.Flush();
        bytes.Write(content);
        return bytes.ToArray();
    }
}
