using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests.Engines;

/// <summary>
/// Requests and replies in the form of vLLM's, SGLang's and llama.cpp's documentation and source (Exchanges/, each with its version and
/// where its form comes from; the numbers are made up): what is sent, and what is made of the reply.
/// </summary>
public sealed class EngineExchangeTests
{
    private static readonly string Folder =
        Path.Combine(Repository.Root, "tests", "SeaGrpc.FunctionalTests", "Engines", "Exchanges");

    public static TheoryData<string> Names =>
    [
        .. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_sent_and_what_is_made_of_the_reply(string name)
    {
        JsonNode exchange = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(Folder, $"{name}.json"), TestContext.Current.CancellationToken))!;
        Assert.All(["version", "source", "about"], key => Assert.NotEmpty((string)exchange[key]!));
        var steps = exchange["exchanges"]!.AsArray();
        var asked = new ConcurrentQueue<(string Path, JsonNode? Body)>();
        await using RewardHost host = await RewardHost.StartHttpAsync(app => app.Map("/{**path}", async (HttpContext context) =>
        {
            JsonNode? body = context.Request.Method == "POST" ? await JsonNode.ParseAsync(context.Request.Body) : null;
            asked.Enqueue((context.Request.Path.Value!.TrimStart('/'), body));
            JsonNode step = steps[asked.Count - 1]!;
            JsonNode reply = step["reply"]!;
            return reply is JsonObject
                ? Results.Text(reply.ToJsonString(), "application/json", statusCode: (int)step["status"]!)
                : Results.Text((string)reply!, "text/html", statusCode: (int)step["status"]!);
        }));
        JsonNode ask = exchange["ask"]!;
        using var engine = new EnginePolicy(new PolicyEngineOptions
        {
            Endpoint = host.Address,
            Kind = Enum.Parse<EngineKind>((string)exchange["kind"]!),
            Model = ask.AsObject().TryGetPropertyValue("model", out JsonNode? model) ? (string?)model : "policy",
            Attempts = 1,
        });
        if (exchange["failure"] is { } expected)
        {
            PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(() => AskAsync(engine, ask));
            Assert.Contains((string)expected["contains"]!, failure.Message);
            Assert.Equal((bool)expected["is_malformed"]!, failure.IsMalformed);
            Assert.Equal((bool)expected["is_refusal"]!, failure.IsRefusal);
        }
        else
        {
            string told = (await AskAsync(engine, ask)).ToJsonString();
            Assert.True(JsonNode.DeepEquals(exchange["told"], JsonNode.Parse(told)), told);
        }

        Assert.Equal(steps.Count, asked.Count);
        foreach ((JsonNode? step, (string path, JsonNode? body)) in steps.Zip(asked))
        {
            Assert.Equal((string)step!["path"]!, path);
            Assert.True(JsonNode.DeepEquals(step["body"], body), $"It sent {body?.ToJsonString()}");
        }
    }

    // What was told, in the form that the files have.
    private static async Task<JsonNode> AskAsync(EnginePolicy engine, JsonNode ask)
    {
        if (ask["continue"] is { } draw)
        {
            PolicyAnswer<DrawnTokens> answer = await engine.ContinueAsync(
                [new RowToContinue(Ids(draw["ids"]), (ulong)draw["seed"]!)],
                new TokenDrawing(
                    (int)draw["max_tokens"]!,
                    (double)draw["temperature"]!,
                    (int)draw["top_k"]!,
                    (int)draw["alternatives"]!,
                    Ids(draw["ends"]).ToHashSet(),
                    Ids(draw["forbidden"])),
                default);
            DrawnTokens drawn = answer.Rows[0];
            return new JsonObject
            {
                ["tokens"] = new JsonArray([.. drawn.Tokens.Select(id => JsonValue.Create(id))]),
                ["log_probabilities"] = Numbers(drawn.LogProbabilities),
                ["alternatives"] = Alternatives(drawn.Alternatives),
                ["ended"] = drawn.HasEnded,
                ["usage"] = Usage(answer.Tokens),
            };
        }

        if (ask["read"] is { } given)
        {
            PolicyAnswer<ReadTokens> answer = await engine.ReadAsync(
                [new RowToRead(Ids(given["ids"]), (int)given["from"]!)], (int)given["alternatives"]!, default);
            return new JsonObject
            {
                ["log_probabilities"] = Numbers(answer.Rows[0].LogProbabilities),
                ["alternatives"] = Alternatives(answer.Rows[0].Alternatives),
                ["usage"] = Usage(answer.Tokens),
            };
        }

        EngineModel model = await engine.ModelAsync(default);
        return new JsonObject { ["name"] = model.Name, ["max_positions"] = model.MaxPositions };
    }

    private static int[] Ids(JsonNode? ids) => [.. ids!.AsArray().Select(id => (int)id!)];

    private static JsonArray Numbers(IEnumerable<float> numbers) => new([.. numbers.Select(number => JsonValue.Create((double)number))]);

    private static JsonArray Alternatives(IEnumerable<IReadOnlyList<TokenProbability>> positions) => new(
    [
        .. positions.Select(position => (JsonNode)new JsonArray(
            [.. position.Select(one => (JsonNode)new JsonArray(one.Id, (double)one.LogProbability))])),
    ]);

    private static JsonArray Usage(PolicyTokens tokens) => new(tokens.Read, tokens.Cached, tokens.Drawn);
}
