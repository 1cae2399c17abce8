using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>/v1/chat/completions answers as Align does, in the form of OpenAI's API.</summary>
[Collection(OpenAiServerTests.Name)]
public sealed class ChatTests(OpenAiServer shared)
{
    private const string Sea = """{"sea":{"method":"sea","iterations":8}}""";

    private OpenAiCalls Calls => shared.Calls;

    [Fact]
    public async Task The_answer_and_its_figures_are_those_of_the_rpc()
    {
        JsonElement reply = await Calls.AskAsync(OpenAiCalls.Asking(Sea));
        AlignResponse rpc = await AlignAsync(new AlignmentSpec { Sea = new SeaParameters { Iterations = 8 } });

        Assert.StartsWith("chatcmpl-", reply.GetProperty("id").GetString());
        Assert.Equal("chat.completion", reply.GetProperty("object").GetString());
        Assert.Equal("tiny-policy", reply.GetProperty("model").GetString());
        Assert.StartsWith("fp_", reply.GetProperty("system_fingerprint").GetString());
        JsonElement choice = Assert.Single(reply.GetProperty("choices").EnumerateArray());
        Assert.Equal(0, choice.GetProperty("index").GetInt32());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Equal(rpc.Final.Response.Text, choice.GetProperty("message").GetProperty("content").GetString());
        JsonElement usage = reply.GetProperty("usage");
        Assert.Equal(rpc.Started.PromptTokens, usage.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(rpc.Final.Response.TokenIds.Count + 1, usage.GetProperty("completion_tokens").GetInt32());
        JsonElement sea = choice.GetProperty("sea");
        Assert.Equal(rpc.Final.Response.Energy, sea.GetProperty("energy").GetDouble(), 1e-3);
        Assert.Equal(rpc.Final.Response.Reward, sea.GetProperty("reward").GetDouble(), 1e-3);
        Assert.Equal(rpc.Final.Response.LogProbability, sea.GetProperty("log_probability").GetDouble(), 1e-3);
        Assert.Equal(rpc.Final.Draft.Text, sea.GetProperty("draft").GetProperty("text").GetString());
        Assert.Equal(("sea", "converged", 1UL), (Text(sea, "method"), Text(sea, "stop_reason"), sea.GetProperty("seed").GetUInt64()));
        Assert.Equal(rpc.Final.Cost.PolicyTokens, sea.GetProperty("tokens").GetProperty("policy").GetInt64());
    }

    [Fact]
    public async Task A_streamed_answer_begins_with_its_role_and_ends_with_why_it_ends()
    {
        JsonObject body = OpenAiCalls.Asking(Sea);
        string whole = await Calls.AnswerAsync(body);
        body["stream_options"] = new JsonObject { ["include_usage"] = true };

        (List<JsonElement> chunks, bool isDone) = await Calls.StreamAsync(body);

        Assert.True(isDone);
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", Text(chunk, "object")));
        Assert.Single(chunks.Select(chunk => Text(chunk, "id")).Distinct());
        JsonElement[] choices = [.. chunks[..^1].Select(chunk => chunk.GetProperty("choices")[0])];
        Assert.Equal("assistant", Text(choices[0].GetProperty("delta"), "role"));
        Assert.Equal(whole, string.Concat(choices.Select(Content)));
        Assert.Equal([null, null, "stop"], choices.Select(choice => choice.GetProperty("finish_reason").GetString()));
        Assert.Equal("converged", Text(choices[^1].GetProperty("sea"), "stop_reason"));
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.True(chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 10);
    }

    [Fact]
    public async Task Progress_is_told_in_chunks_without_choices()
    {
        (List<JsonElement> chunks, bool isDone) = await Calls.StreamAsync(
            OpenAiCalls.Asking("""{"sea":{"method":"sea","iterations":8,"progress":true}}"""));

        Assert.True(isDone);
        JsonElement[] steps =
            [.. chunks.Where(chunk => chunk.GetProperty("choices").GetArrayLength() == 0).Select(chunk => chunk.GetProperty("sea"))];
        Assert.Equal(["started", "draft", "iteration"], steps.Select(step => Text(step, "event")).Distinct());
        JsonElement last = steps[^1];
        Assert.Equal(8, last.GetProperty("total").GetInt32());
        JsonElement end = chunks[^1].GetProperty("choices")[0].GetProperty("sea");
        Assert.Equal(end.GetProperty("energy").GetDouble(), last.GetProperty("best").GetProperty("energy").GetDouble());
        Assert.Equal(
            string.Concat(chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Select(Content)),
            Text(last.GetProperty("best"), "text"));
    }

    [Fact]
    public async Task The_models_name_may_carry_the_method()
    {
        JsonElement sea = await FiguresAsync("""{"model":"tiny-policy:best-of-3"}""");
        AlignResponse rpc = await AlignAsync(new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = 3 } });
        Assert.Equal("best_of_n", Text(sea, "method"));
        Assert.Equal(rpc.Final.Response.Reward, sea.GetProperty("reward").GetDouble(), 1e-3);

        JsonElement paper = await FiguresAsync("""{"model":"tiny-policy:sea-paper[iterations=2]","sea":{"chains":1}}""");
        Assert.Equal(("sea", 2), (Text(paper, "method"), paper.GetProperty("iterations_run").GetInt32()));
    }

    [Fact]
    public async Task The_default_method_runs_where_none_is_named() =>
        Assert.Equal("energy_search", Text(await FiguresAsync("""{"sea":{"budgetTokens":300}}"""), "method"));

    [Theory]
    [InlineData("0.5", 0.5)]
    [InlineData("0", 0.01)]
    public async Task The_temperature_is_the_references(string temperature, double reference)
    {
        JsonElement sea = await FiguresAsync($$"""{"model":"tiny-policy:best-of-2","temperature":{{temperature}}}""");
        AlignResponse rpc = await AlignAsync(
            new AlignmentSpec { BestOfN = new BestOfNParameters { SampleCount = 2, ReferenceTemperature = reference } });
        Assert.Equal(rpc.Final.Response.LogProbability, sea.GetProperty("log_probability").GetDouble(), 1e-2);
    }

    [Fact]
    public async Task Each_of_several_answers_has_the_next_seed()
    {
        JsonElement reply = await Calls.AskAsync(OpenAiCalls.Asking("""{"model":"tiny-policy:base","n":3}"""));
        JsonElement[] choices = [.. reply.GetProperty("choices").EnumerateArray()];
        Assert.Equal([0, 1, 2], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal([1UL, 2UL, 3UL], choices.Select(choice => choice.GetProperty("sea").GetProperty("seed").GetUInt64()));
        string third = await Calls.AnswerAsync(OpenAiCalls.Asking("""{"model":"tiny-policy:base","seed":3}"""));
        Assert.Equal(third, Text(choices[2].GetProperty("message"), "content"));

        (List<JsonElement> chunks, _) = await Calls.StreamAsync(OpenAiCalls.Asking("""{"model":"tiny-policy:base","n":3}"""));
        Assert.Equal(
            third,
            string.Concat(chunks.Select(chunk => chunk.GetProperty("choices")[0])
                .Where(choice => choice.GetProperty("index").GetInt32() == 2).Select(Content)));
    }

    [Fact]
    public async Task An_answer_is_cut_where_a_stop_begins()
    {
        string whole = await Calls.AnswerAsync(OpenAiCalls.Asking("""{"model":"tiny-policy:base"}"""));
        string stop = " " + whole.Split(' ')[4];
        JsonElement reply = await Calls.AskAsync(OpenAiCalls.Asking(
            $$"""{"model":"tiny-policy:base","stop":["no such text",{{JsonSerializer.Serialize(stop)}}]}"""));
        JsonElement choice = reply.GetProperty("choices")[0];
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], Text(choice.GetProperty("message"), "content"));
        Assert.Equal("stop", Text(choice, "finish_reason"));
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public async Task An_answer_that_is_cut_at_the_limit_says_so(string field)
    {
        JsonElement reply = await Calls.AskAsync(OpenAiCalls.Asking($$"""{"model":"tiny-policy:base","{{field}}":5}"""));
        Assert.Equal("length", Text(reply.GetProperty("choices")[0], "finish_reason"));
        Assert.Equal(5, reply.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Log_probabilities_of_the_tokens_sum_up_to_the_answers()
    {
        JsonElement reply = await Calls.AskAsync(OpenAiCalls.Asking(
            """{"model":"tiny-policy:base","max_tokens":6,"temperature":0.8,"logprobs":true,"top_logprobs":3}"""));
        JsonElement choice = reply.GetProperty("choices")[0];
        JsonElement[] tokens = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(6, tokens.Length);
        Assert.Equal(Text(choice.GetProperty("message"), "content"), string.Concat(tokens.Select(token => Text(token, "token"))));
        Assert.Equal(
            choice.GetProperty("sea").GetProperty("log_probability").GetDouble(),
            tokens.Sum(token => token.GetProperty("logprob").GetDouble()), 1e-3);
        Assert.All(tokens, token =>
        {
            double[] top =
                [.. token.GetProperty("top_logprobs").EnumerateArray().Select(other => other.GetProperty("logprob").GetDouble())];
            Assert.Equal(3, top.Length);
            Assert.Equal(top.OrderDescending(), top);
            Assert.True(top[0] >= token.GetProperty("logprob").GetDouble() - 1e-6);
            Assert.Equal(
                System.Text.Encoding.UTF8.GetBytes(Text(token, "token")!),
                token.GetProperty("bytes").EnumerateArray().Select(one => one.GetByte()));
        });

        JsonElement text = await Calls.AskAsync(
            OpenAiCalls.Continuing("""{"model":"tiny-policy:base","prompt":"My kettle","max_tokens":5,"logprobs":2}"""), OpenAiCalls.Text);
        JsonElement told = text.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal([5, 5, 5, 5], told.EnumerateObject().Select(list => list.Value.GetArrayLength()));
        Assert.Equal(0, told.GetProperty("text_offset")[0].GetInt32());
    }

    [Fact]
    public async Task Log_probabilities_end_where_the_answer_is_cut_and_come_with_its_text_in_a_stream()
    {
        JsonObject body = OpenAiCalls.Asking("""{"model":"tiny-policy:base","stop":" We","logprobs":true}""");
        (List<JsonElement> chunks, _) = await Calls.StreamAsync(body);
        JsonElement text = chunks[1].GetProperty("choices")[0];
        string[] tokens = [.. text.GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(token => Text(token, "token")!)];
        Assert.Equal(Content(text), string.Concat(tokens));
    }

    [Fact]
    public async Task A_draft_is_improved()
    {
        const string Draft = "Thank you for your message. Our team will answer your calls.";
        JsonElement sea = await FiguresAsync($$$"""
            {"sea":{"draft":"{{{Draft}}}","alternatives":["We are sorry about this."],"budget_tokens":600,"max_fluency_loss":100}}
            """);
        Assert.Equal(Draft, Text(sea.GetProperty("draft"), "text"));
        Assert.True(sea.GetProperty("energy").GetDouble() <= sea.GetProperty("draft").GetProperty("energy").GetDouble());
    }

    [Fact]
    public async Task Earlier_messages_and_parts_of_texts_are_read_as_the_rpc_reads_them()
    {
        JsonElement reply = await Calls.AskAsync(JsonNode.Parse("""
            {"model":"tiny-policy:base","seed":1,"user":"someone","messages":[
              {"role":"user","content":"Hello."},{"role":"assistant","content":"How can we help?"},
              {"role":"user","content":[{"type":"text","text":"My kettle "},{"type":"text","text":"is leaking."}]}]}
            """)!);
        var spec = new AlignmentSpec
        {
            Prompt = Specs.Chat((Role.User, "Hello."), (Role.Assistant, "How can we help?"), (Role.User, "My kettle is leaking.")),
            Base = new BaseParameters(),
            Seed = 1,
        };
        AlignResponse rpc = await shared.Server.AlignAsync(spec);
        Assert.Equal(rpc.Final.Response.Text, Text(reply.GetProperty("choices")[0].GetProperty("message"), "content"));
        Assert.Equal(rpc.Started.PromptTokens, reply.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"prompt":"My kettle","max_tokens":4}""", 1)]
    [InlineData("""{"prompt":["My kettle","Our team"],"n":2,"max_tokens":4}""", 4)]
    [InlineData("""{"prompt":[5,6,7],"max_tokens":4}""", 1)]
    [InlineData("""{"prompt":[[5,6,7],[8,9]],"max_tokens":4}""", 2)]
    public async Task Texts_and_tokens_are_continued(string fields, int answers)
    {
        JsonElement reply = await Calls.AskAsync(OpenAiCalls.Continuing(fields), OpenAiCalls.Text);
        Assert.Equal("text_completion", Text(reply, "object"));
        Assert.Equal(answers, reply.GetProperty("choices").GetArrayLength());
        Assert.All(reply.GetProperty("choices").EnumerateArray(), choice => Assert.NotNull(choice.GetProperty("text").GetString()));
        Assert.Equal(
            Enumerable.Range(0, answers), reply.GetProperty("choices").EnumerateArray().Select(one => one.GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task A_continued_text_is_streamed_too()
    {
        JsonObject body = OpenAiCalls.Continuing("""{"prompt":"My kettle","max_tokens":6,"sea":{"method":"base"}}""");
        JsonElement whole = await Calls.AskAsync(body, OpenAiCalls.Text);
        (List<JsonElement> chunks, bool isDone) = await Calls.StreamAsync(body, OpenAiCalls.Text);
        Assert.True(isDone);
        Assert.Equal(
            Text(whole.GetProperty("choices")[0], "text"),
            string.Concat(chunks.Select(chunk => Text(chunk.GetProperty("choices")[0], "text"))));
    }

    [Fact]
    public async Task The_models_are_the_policy_and_its_methods()
    {
        JsonElement list = JsonElement.Parse(await Calls.Client.GetStringAsync("/v1/models"));
        string[] names = [.. list.GetProperty("data").EnumerateArray().Select(model => Text(model, "id")!)];
        Assert.Equal("tiny-policy", names[0]);
        Assert.Contains("tiny-policy:energy_search", names);
        Assert.Contains("tiny-policy:sea_paper", names);
        JsonElement one = JsonElement.Parse(await Calls.Client.GetStringAsync("/v1/models/tiny-policy%3Abest-of-16"));
        Assert.Equal(("tiny-policy:best-of-16", "model"), (Text(one, "id"), Text(one, "object")));
        using HttpResponseMessage none = await Calls.Client.GetAsync(new Uri("/v1/models/gpt-4o", UriKind.Relative));
        Assert.Equal((404, "model_not_found"), ((int)none.StatusCode, Text(await OpenAiCalls.ErrorAsync(none), "code")));
    }

    private static string? Text(JsonElement value, string name) => value.GetProperty(name).GetString();

    private static string Content(JsonElement choice) =>
        choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString()! : "";

    private async Task<JsonElement> FiguresAsync(string fields) =>
        (await Calls.AskAsync(OpenAiCalls.Asking(fields))).GetProperty("choices")[0].GetProperty("sea");

    private Task<AlignResponse> AlignAsync(AlignmentSpec spec)
    {
        spec.Prompt = Specs.Chat((Role.User, OpenAiServer.Question));
        spec.Seed = 1;
        return shared.Server.AlignAsync(spec);
    }
}
