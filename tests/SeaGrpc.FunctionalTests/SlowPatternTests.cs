using System.Diagnostics;
using System.Text.Json.Nodes;
using Google.Protobuf;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>A tokenizer file whose pattern takes long holds a call up no further than its caller waits.</summary>
public sealed class SlowPatternTests
{
    [Theory]
    [InlineData("Align")]
    [InlineData("Score")]
    public async Task A_call_whose_text_takes_the_whole_budget_ends_soon_after_its_deadline(string method)
    {
        using var folders = new TinyFolders();
        SlowDown(Path.Combine(folders.Policy, "tokenizer.json"));
        using ServerProcess process = ServerProcess.Start(folders, "Engine:MaxConcurrentJobs=1", "Engine:MaxQueuedJobs=0");
        string address = await process.AddressAsync();
        using var client = new HttpClient();
        string slow = string.Concat(Enumerable.Repeat(new string('a', 23) + "! ", 700)); // Each match is fast enough by itself.
        var clock = Stopwatch.StartNew();
        Assert.Equal("4", (await RawCalls.PostAsync(client, address, method, Message(method, slow), timeout: "1S")).Status);

        // Its place is given back when the work has ended.
        string status = "8";
        while (status == "8")
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            (status, _) = await RawCalls.PostAsync(client, address, "Score", Message("Score", "a!"));
        }

        Assert.Equal("0", status);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(4)); // The text alone may take five.
    }

    private static byte[] Message(string method, string text) => method == "Align"
        ? new AlignRequest { Spec = new AlignmentSpec { Prompt = Specs.Text(text), Sea = new SeaParameters() } }.ToByteArray()
        : new ScoreRequest { Pairs = { new ScorePair { Prompt = Specs.Text("a!"), Response = Specs.Response(text) } } }.ToByteArray();

    private static void SlowDown(string path)
    {
        var json = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = @"(?!(?:\w+\s?)+$)\w+" },
                    ["behavior"] = "Isolated",
                },
                new JsonObject
                {
                    ["type"] = "ByteLevel",
                    ["add_prefix_space"] = false,
                    ["use_regex"] = false,
                }
            ),
        };
        File.WriteAllText(path, json.ToJsonString());
    }
}
