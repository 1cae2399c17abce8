using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>The SDKs that programs use for OpenAI's API work with this server unchanged.</summary>
[Collection(OpenAiServerTests.Name)]
public sealed class SdkTests(OpenAiServer shared)
{
    private const string Model = "tiny-policy:best-of-2";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Dotnets_client_gets_whole_and_streamed_answers()
    {
        ChatClient client = Client().GetChatClient($"{Model}[reward_weight=4]");
#pragma warning disable OPENAI001 // The client calls seeds experimental.
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 200, EndUserId = "someone", Seed = 1 };
#pragma warning restore OPENAI001

        ClientResult<ChatCompletion> whole = await client.CompleteChatAsync([new UserChatMessage(OpenAiServer.Question)], options);
        string streamed = "";
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync(
            [new UserChatMessage(OpenAiServer.Question)], options))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
            finish = update.FinishReason ?? finish;
            usage = update.Usage ?? usage;
        }

        Assert.Equal(await PlainAsync(), whole.Value.Content[0].Text);
        Assert.Equal((whole.Value.Content[0].Text, ChatFinishReason.Stop), (streamed, finish));
        Assert.Equal((ChatFinishReason.Stop, ChatMessageRole.Assistant), (whole.Value.FinishReason, whole.Value.Role));
        Assert.Equal(whole.Value.Usage.TotalTokenCount, usage!.TotalTokenCount);
        JsonElement reply = JsonElement.Parse(whole.GetRawResponse().Content.ToString());
        Assert.Equal("best_of_n", reply.GetProperty("choices")[0].GetProperty("sea").GetProperty("method").GetString());
    }

    [Fact]
    public async Task Dotnets_client_lists_models_and_reads_errors()
    {
        OpenAIModelCollection models = await Client().GetOpenAIModelClient().GetModelsAsync();
        Assert.Contains(models, model => model.Id == "tiny-policy");

        ClientResultException failure = await Assert.ThrowsAsync<ClientResultException>(
            () => Client().GetChatClient("gpt-4o").CompleteChatAsync("Hello"));
        Assert.Equal(404, failure.Status);
        Assert.Contains("model_not_found", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_client_gets_answers_models_and_errors()
    {
        JsonElement got = await NodeAsync("openai");
        string plain = await PlainAsync();
        Assert.All(["whole", "streamed", "helper"], field => Assert.Equal(plain, got.GetProperty(field).GetString()));
        Assert.Equal(JsonValueKind.Number, got.GetProperty("reward").ValueKind);
        Assert.StartsWith("chatcmpl-", got.GetProperty("requestId").GetString(), StringComparison.Ordinal);
        Assert.True(got.GetProperty("progress").GetInt32() >= 2);
        Assert.Equal(got.GetProperty("wholeUsage").GetInt32(), got.GetProperty("usage").GetInt32());
        Assert.Equal("stop", got.GetProperty("finish").GetString());
        Assert.Contains("tiny-policy:sea", got.GetProperty("models").EnumerateArray().Select(model => model.GetString()));
        Assert.Equal("tiny-policy:best-of-16", got.GetProperty("found").GetString());
        Assert.Equal(
            [("NotFoundError", 404, "model_not_found", "model"), ("BadRequestError", 400, "unsupported_parameter", "tools"),
                ("BadRequestError", 400, "required", "messages")],
            got.GetProperty("errors").EnumerateArray().Select(error => (
                error.GetProperty("name").GetString(), error.GetProperty("status").GetInt32(), error.GetProperty("code").GetString(),
                error.GetProperty("param").GetString())));
    }

    [Fact]
    public async Task Langchain_gets_whole_and_streamed_answers()
    {
        JsonElement got = await NodeAsync("langchain");
        string plain = await PlainAsync();
        Assert.All(["whole", "streamed"], field => Assert.Equal(plain, got.GetProperty(field).GetString()));
        Assert.True(got.GetProperty("tokens").GetInt32() > 20);
        Assert.Contains("tools is not supported", got.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vercels_sdk_gets_whole_and_streamed_answers()
    {
        JsonElement got = await NodeAsync("vercel");
        string plain = await PlainAsync();
        Assert.All(["whole", "streamed"], field => Assert.Equal(plain, got.GetProperty(field).GetString()));
        Assert.Equal("stop", got.GetProperty("finish").GetString());
        Assert.Equal(got.GetProperty("tokens").GetInt32(), got.GetProperty("streamedTokens").GetInt32());
        Assert.Equal(404, got.GetProperty("error").GetProperty("status").GetInt32());
        Assert.Contains("there is no model", got.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private OpenAIClient Client() => new(new ApiKeyCredential("none"), new OpenAIClientOptions
    {
        Endpoint = new Uri(shared.Server.OpenAiAddress + "/v1"),
        RetryPolicy = new ClientRetryPolicy(0),
    });

    private Task<string> PlainAsync() =>
        shared.Calls.AnswerAsync(OpenAiCalls.Asking($$$"""{"model":"{{{Model}}}","sea":{"reward_weight":4}}"""));

    private async Task<JsonElement> NodeAsync(string sdk)
    {
        string script = Path.Combine(Repository.Root, "tests/tools/openai-sdks.mjs");
        using Process node = Process.Start(new ProcessStartInfo("node", [script, sdk, shared.Server.OpenAiAddress + "/v1", "none"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        Task<string> error = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        Assert.True(node.ExitCode == 0, await error);
        return JsonElement.Parse(await output);
    }
}
