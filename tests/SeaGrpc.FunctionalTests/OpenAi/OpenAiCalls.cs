using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>Calls the API over plain HTTP.</summary>
internal sealed class OpenAiCalls(string address) : IDisposable
{
    public const string Chat = "/v1/chat/completions";
    public const string Text = "/v1/completions";

    private const string Data = "data: ";

    private readonly HttpClient _client = new() { BaseAddress = new Uri(address) };

    public HttpClient Client => _client;

    /// <summary>A conversation of one question, with the fields of a JSON object.</summary>
    public static JsonObject Asking(string fields = "{}", string question = OpenAiServer.Question)
    {
        var body = (JsonObject)JsonNode.Parse(fields)!;
        body.TryAdd("model", "tiny-policy");
        body.TryAdd("seed", 1);
        body.TryAdd("messages", new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }));
        return body;
    }

    public static JsonObject Continuing(string fields)
    {
        var body = (JsonObject)JsonNode.Parse(fields)!;
        body.TryAdd("model", "tiny-policy");
        body.TryAdd("seed", 1);
        return body;
    }

    /// <summary>The reply of a call that succeeds.</summary>
    public async Task<JsonElement> AskAsync(JsonNode body, string path = Chat)
    {
        using HttpResponseMessage response = await PostAsync(body.ToJsonString(), path);
        string reply = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, reply);
        return JsonElement.Parse(reply);
    }

    public async Task<string> AnswerAsync(JsonNode body) =>
        (await AskAsync(body)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    public Task<HttpResponseMessage> PostAsync(string body, string path = Chat, string type = "application/json")
    {
        var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return _client.PostAsync(path, content);
    }

    /// <summary>The chunks of a streamed reply, and what ends it.</summary>
    public async Task<(List<JsonElement> Chunks, bool IsDone)> StreamAsync(JsonObject body, string path = Chat)
    {
        body["stream"] = true;
        using HttpResponseMessage response = await PostAsync(body.ToJsonString(), path);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        string[] events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, one => Assert.StartsWith(Data, one));
        bool isDone = events[^1] == "data: [DONE]";
        return ([.. events[..^(isDone ? 1 : 0)].Select(one => JsonElement.Parse(one[Data.Length..]))], isDone);
    }

    /// <summary>The error of a call that fails: its status and the object error.</summary>
    public async Task<(int Status, JsonElement Error, HttpResponseMessage Response)> FailAsync(string body, string path = Chat)
    {
        HttpResponseMessage response = await PostAsync(body, path);
        return ((int)response.StatusCode, await ErrorAsync(response), response);
    }

    public static async Task<JsonElement> ErrorAsync(HttpResponseMessage response)
    {
        JsonElement error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(member => member.Name));
        return error;
    }

    public void Dispose() => _client.Dispose();
}
