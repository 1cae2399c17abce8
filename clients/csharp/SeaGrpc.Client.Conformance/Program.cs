using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using SeaGrpc.Client;
using SeaGrpc.V1;

// Runs the conformance cases of a file and prints what came of each, one JSON object a line: clients/conformance/README.md.
var readable = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
using var lines = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
foreach (JsonNode? node in JsonNode.Parse(await File.ReadAllTextAsync(args[0]))!.AsArray())
{
    JsonObject observed = await ObserveAsync(node!.AsObject());
    await lines.WriteLineAsync(observed.ToJsonString(readable));
}

static async Task<JsonObject> ObserveAsync(JsonObject @case)
{
    var events = new JsonArray();
    var observed = new JsonObject { ["case"] = (string)@case["name"]!, ["events"] = events };
    try
    {
        var options = new SeaClientOptions { Token = (string?)@case["token"] };
        if ((string?)@case["ca"] is { } path)
        {
            options = options with { TrustedRoots = [X509CertificateLoader.LoadCertificateFromFile(path)] };
        }

        if ((int?)@case["attempts"] is { } attempts)
        {
            options = options with { Retries = new RetryPolicy { MaxAttempts = attempts } };
        }

        using var client = new SeaClient((string)@case["server"]!, options);
        if (await CallAsync(client, @case, events) is { } response)
        {
            observed["response"] = response;
        }

        observed["outcome"] = "ok";
    }
    catch (OperationCanceledException)
    {
        observed["outcome"] = "cancelled";
    }
    catch (SeaGrpcException failure)
    {
        observed["outcome"] = "error";
        observed["error"] = Describe(failure);
    }
    catch (ArgumentException refused)
    {
        observed["outcome"] = "refused";
        observed["error"] = new JsonObject { ["message"] = refused.Message };
    }

    return observed;
}

static async Task<JsonNode?> CallAsync(SeaClient client, JsonObject @case, JsonArray events)
{
    TimeSpan? deadline = (int?)@case["deadline_ms"] is { } limit ? TimeSpan.FromMilliseconds(limit) : null;
    Metadata? headers = MetadataOf(@case);
    string request = @case["request"]?.ToJsonString() ?? "{}";
    switch ((string)@case["rpc"]!)
    {
        case "GetServerInfo":
            return Json(await client.GetServerInfoAsync(deadline, headers));
        case "Health":
            return new JsonObject { ["serving"] = await client.IsServingAsync(deadline, headers) };
        case "Align":
            return Json(await client.AlignAsync(Prompted(AlignRequest.Parser.ParseJson(request).Spec, @case), deadline, headers));
        case "Score":
            return Json(await client.ScoreAsync(ScoreRequest.Parser.ParseJson(request), deadline, headers));
        case "CancelAlignment":
            return new JsonObject
            {
                ["cancelled"] = await client.CancelAsync(CancelAlignmentRequest.Parser.ParseJson(request), deadline, headers),
            };
        case "AlignBatch":
            AlignBatchResponse[] results = await client
                .AlignBatchAsync(AlignBatchRequest.Parser.ParseJson(request).Specs, deadline, headers).OrderBy(result => result.Index)
                .ToArrayAsync();
            return new JsonObject { ["results"] = new JsonArray([.. results.Select(Json)]) };
    }

    AlignmentSpec spec = Prompted(StreamAlignRequest.Parser.ParseJson(request).Spec, @case);
    if (@case["stop"] is JsonObject stop)
    {
        EarlyStop when = stop["reward_above"] is { } reward
            ? EarlyStop.WhenRewardPasses((double)reward)
            : EarlyStop.After(TimeSpan.FromMilliseconds((int)stop["after_ms"]!));
        EarlyAnswer answer = await client.AlignUntilAsync(spec, when, deadline, headers);
        return new JsonObject
        {
            ["stopped_early"] = answer.Final is null,
            ["iteration"] = answer.Iteration,
            ["best"] = Json(answer.Response!),
        };
    }

    using var cancellation = new CancellationTokenSource();
    await foreach (StreamAlignResponse next in client.StreamAsync(spec, deadline, headers, cancellation.Token))
    {
        events.Add(Json(next));
        if (events.Count == (int?)@case["cancel_after"])
        {
            await cancellation.CancelAsync();
        }

        await Task.Delay((int?)@case["read_delay_ms"] ?? 0);
    }

    return null;
}

static Metadata? MetadataOf(JsonObject @case)
{
    if (@case["metadata"] is not JsonObject pairs)
    {
        return null;
    }

    var headers = new Metadata();
    foreach ((string name, JsonNode? value) in pairs)
    {
        headers.Add(name, (string)value!);
    }

    return headers;
}

static AlignmentSpec Prompted(AlignmentSpec spec, JsonObject @case)
{
    if ((string?)@case["chat"] is { } message)
    {
        spec.Prompt = Prompts.Chat(message);
    }

    return spec;
}

static JsonObject Describe(SeaGrpcException failure) =>
    new()
    {
        ["code"] = string.Concat(
                failure.Code.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{letter}")
            )
            .ToUpperInvariant(),
        ["reason"] = failure.Reason,
        ["message"] = failure.Message,
        ["type"] = failure.GetType().Name,
        ["retry_after_ms"] = failure.RetryAfter?.TotalMilliseconds,
        ["metadata"] = new JsonObject(failure.Metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["violations"] = new JsonArray([
            .. ((failure as InvalidRequestException)?.Violations ?? []).Select(violation => new JsonObject
            {
                ["field"] = violation.Field,
                ["description"] = violation.Description,
                ["reason"] = violation.Reason,
            }),
        ]),
    };

static JsonNode Json(IMessage message) => JsonNode.Parse(JsonFormatter.Default.Format(message))!;
