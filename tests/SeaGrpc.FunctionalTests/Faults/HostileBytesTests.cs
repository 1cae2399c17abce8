using System.Collections.Concurrent;
using Google.Protobuf;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>Random and mutated messages on the wire: never a crash, never INTERNAL, and the next good call is answered.</summary>
[Trait("tier", "soak")]
public sealed class HostileBytesTests
{
    private const int RequestsPerRound = 1_000;
    private const int AtOnce = 8;
    private static readonly string[] Allowed = ["0", "1", "3", "4", "5", "6", "8", "10"];

    [Fact]
    public async Task Thousands_of_hostile_messages_end_in_a_clear_status()
    {
        int requests = SoakRounds.Count * RequestsPerRound;
        await using RunningServer server = await RunningServer.StartAsync(
            null,
            "Limits:MaxIterations=5",
            "Limits:MaxChains=3",
            "Limits:MaxResponseTokens=12",
            "Limits:MaxSamples=8",
            "Engine:MaxQueuedJobs=1000"
        );
        (string Method, byte[] Message)[] seeds = Valid();
        using var client = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        ConcurrentDictionary<string, int> statuses = [];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, cancellationToken) =>
            {
                var random = new Random(number);
                (string method, byte[] message) = seeds[number % seeds.Length];
                (string status, _) = await RawCalls
                    .PostAsync(client, server.Address, method, Mutated(message, random), timeout: "20S")
                    .WaitAsync(cancellationToken);
                Assert.True(Allowed.Contains(status), $"Message {number} to {method} ended with status {status}.");
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            }
        );

        Assert.True(statuses.GetValueOrDefault("3") > requests / 10, string.Join(' ', statuses));
        Assert.True(statuses.GetValueOrDefault("0") > requests / 100, string.Join(' ', statuses));
        await server.IdleAsync();
        Assert.NotEmpty((await server.AlignAsync(Specs.Sea())).Final.Response.Text);
    }

    private static (string Method, byte[] Message)[] Valid()
    {
        AlignmentSpec sea = Specs.Sea(iterations: 2);
        AlignmentSpec chat = Specs.Sea(iterations: 2);
        chat.Prompt = Specs.Chat((Role.System, "Be kind."), (Role.User, "How are you?"));
        chat.Updates = new UpdateOptions { EveryNIterations = 1 };
        AlignmentSpec best = Specs.Sea();
        best.BestOfN = new BestOfNParameters { SampleCount = 4 };
        return
        [
            ("Align", new AlignRequest { Spec = sea }.ToByteArray()),
            ("StreamAlign", new StreamAlignRequest { Spec = chat }.ToByteArray()),
            ("Align", new AlignRequest { Spec = best }.ToByteArray()),
            (
                "Score",
                new ScoreRequest
                {
                    Pairs =
                    {
                        new ScorePair { Prompt = Specs.Text("a"), Response = Specs.Response("b") },
                    },
                }.ToByteArray()
            ),
            ("CancelAlignment", new CancelAlignmentRequest { AlignmentId = "none" }.ToByteArray()),
        ];
    }

    /// <summary>A few bytes changed, put in, taken out or repeated; or random bytes altogether.</summary>
    private static byte[] Mutated(byte[] message, Random random)
    {
        if (random.Next(10) == 0)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        List<byte> bytes = [.. message];
        for (int change = random.Next(4); change >= 0 && bytes.Count > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
