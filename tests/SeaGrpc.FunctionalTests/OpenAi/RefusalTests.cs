using System.Text.Json;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>Errors have OpenAI's form, name the field that is wrong, and say what to change.</summary>
[Collection(OpenAiServerTests.Name)]
public sealed class RefusalTests(OpenAiServer shared)
{
    private OpenAiCalls Calls => shared.Calls;

    [Theory]
    [InlineData("""{"messages":[]}""", "messages", "required", "must have at least one message")]
    [InlineData("""{"messages":"hello"}""", "messages", "invalid_type", "must be a list, but is a text")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content", "missing_required_parameter", "is required")]
    [InlineData("""{"messages":[{"role":"user","content":""}]}""", "messages[0].content", "required", "must not be empty")]
    [InlineData("""{"messages":[{"role":"boss","content":"a"}]}""", "messages[0].role", "invalid_value", "must be system, developer")]
    [InlineData("""{"messages":[{"role":"tool","content":"a"}]}""", "messages[0].role", "unsupported_parameter", "no tools")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", "messages[0].content[0].type", "unsupported_parameter", "must be text, but is image_url")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""", "messages[1].role", "invalid_value", "must not be ROLE_ASSISTANT")]
    [InlineData("""{"temperature":"hot"}""", "temperature", "invalid_type", "must be a number, but is a text")]
    [InlineData("""{"temperature":3}""", "temperature", "invalid_value", "must be from 0 to 2, but is 3")]
    [InlineData("""{"temperature":1,"sea":{"reference_temperature":1}}""", "temperature", "invalid_value", "sea.reference_temperature")]
    [InlineData("""{"n":99}""", "n", "invalid_value", "must be from 1 to 8, but is 99")]
    [InlineData("""{"max_tokens":100000}""", "max_tokens", "out_of_range", "must be from 1 to 1024")]
    [InlineData("""{"max_completion_tokens":0}""", "max_completion_tokens", "invalid_value", "must be from 1")]
    [InlineData("""{"stop":["a","b","c","d","e"]}""", "stop", "invalid_value", "at most 4")]
    [InlineData("""{"stop":""}""", "stop", "invalid_value", "must not be empty")]
    [InlineData("""{"top_p":0.9}""", "top_p", "unsupported_parameter", "set it to 1")]
    [InlineData("""{"frequency_penalty":0.5}""", "frequency_penalty", "unsupported_parameter", "set it to 0")]
    [InlineData("""{"response_format":{"type":"json_object"}}""", "response_format", "unsupported_parameter", "is not supported")]
    [InlineData("""{"tools":[{"type":"function"}]}""", "tools", "unsupported_parameter", "answers are texts")]
    [InlineData("""{"tool_choice":"required"}""", "tool_choice", "unsupported_parameter", "no tools")]
    [InlineData("""{"modalities":["text","audio"]}""", "modalities", "unsupported_parameter", "answers are texts")]
    [InlineData("""{"logit_bias":{"5":1}}""", "logit_bias", "unsupported_parameter", "is not supported")]
    [InlineData("""{"max_token":5}""", "max_token", "unknown_parameter", "did you mean max_tokens?")]
    [InlineData("""{"top_logprobs":2}""", "top_logprobs", "invalid_value", "needs logprobs")]
    [InlineData("""{"stream_options":{"include_usage":true}}""", "stream_options", "invalid_value", "for streamed replies")]
    [InlineData("""{"sea":{"method":"seaa"}}""", "sea.method", "invalid_value", "There is no method seaa: use one of args,")]
    [InlineData("""{"model":"tiny-policy:see"}""", "model", "invalid_value", "There is no method see")]
    [InlineData("""{"model":"tiny-policy:base","sea":{"method":"sea"}}""", "sea.method", "invalid_value", "and so does model")]
    [InlineData("""{"sea":{"method":"sea","chains":0}}""", "sea.chains", "invalid_value", "chains must be a whole number, at least 1, but is 0")]
    [InlineData("""{"sea":{"method":"sea","chains":1000}}""", "sea.chains", "out_of_range", "must be from 1 to 64, but is 1000")]
    [InlineData("""{"sea":{"method":"sea","stepSize":"big"}}""", "sea.stepSize", "invalid_value", "step_size must be a number")]
    [InlineData("""{"sea":{"method":"sea","step":"plain,chains=3"}}""", "sea.step", "invalid_value", "must be the name of a value")]
    [InlineData("""{"sea":{"drft":"a"}}""", "sea.drft", "unknown_parameter", "did you mean sea.draft?")]
    [InlineData("""{"sea":{"method":"sea","iteration":3}}""", "sea.iteration", "unknown_parameter", "did you mean sea.iterations?")]
    [InlineData("""{"sea":{"draft":""}}""", "sea.draft", "required", "must not be empty")]
    [InlineData("""{"sea":{"method":"sea","alternatives":["a"]}}""", "sea.alternatives", "invalid_value", "only with method energy_search")]
    [InlineData("""{"sea":{"draft":"a","prefix":"b"}}""", "sea.draft", "invalid_value", "must start with")]
    [InlineData("""{"sea":{"time_limit_ms":0}}""", "sea.time_limit_ms", "invalid_value", "must be from 1")]
    [InlineData("""{"sea":{"time_limit_ms":5000000}}""", "sea.time_limit_ms", "out_of_range", "seconds")]
    [InlineData("""{"sea":{"min_reward_gain":1}}""", "sea.min_reward_gain", "invalid_value", "needs a draft_response")]
    [InlineData("""{"sea":{"beaten_draft_gain":1}}""", "sea.beaten_draft_gain", "invalid_value", "needs a draft_response")]
    [InlineData("""{"sea":{"request_id":"a"},"n":2}""", "sea.request_id", "invalid_value", "names one answer")]
    [InlineData("""{"sea":3}""", "sea", "invalid_type", "must be an object, but is a number")]
    public async Task A_field_that_is_wrong_is_named(string fields, string param, string code, string said)
    {
        (int status, JsonElement error, _) = await Calls.FailAsync(OpenAiCalls.Asking(fields).ToJsonString());
        Assert.Equal(400, status);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains(said, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task All_fields_that_the_contract_refuses_are_told_together()
    {
        (_, JsonElement error, _) = await Calls.FailAsync(
            OpenAiCalls.Asking("""{"messages":[{"role":"user","content":""}],"sea":{"draft":"","method":"sea","iterations":100000}}""")
                .ToJsonString());
        string message = error.GetProperty("message").GetString()!;
        Assert.All(["messages[0].content must not", "sea.draft must not", "sea.iterations must be"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_has_the_code_that_clients_know()
    {
        (int status, JsonElement error, _) = await Calls.FailAsync(
            OpenAiCalls.Asking(question: string.Concat(Enumerable.Repeat("kettle ", 2000))).ToJsonString());
        Assert.Equal((400, "messages", "context_length_exceeded"),
            (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_model_that_is_not_served_is_not_found()
    {
        (int status, JsonElement error, _) = await Calls.FailAsync(OpenAiCalls.Asking("""{"model":"gpt-4o"}""").ToJsonString());
        Assert.Equal((404, "model", "model_not_found"),
            (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains("loaded: \"tiny-policy\"", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"model\":", 400, "invalid_json")]
    [InlineData("[]", 400, null)]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", 400, "invalid_value")]
    [InlineData("""{"\ud800":1}""", 400, "invalid_value")]
    [InlineData("""{"messages":[],"messages":[]}""", 400, "invalid_value")]
    public async Task A_body_that_is_no_request_is_refused(string body, int expected, string? code)
    {
        (int status, JsonElement error, _) = await Calls.FailAsync(body);
        Assert.Equal((expected, code), (status, error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Only_json_is_read()
    {
        using HttpResponseMessage response = await Calls.PostAsync(OpenAiCalls.Asking().ToJsonString(), type: "text/plain");
        Assert.Equal(415, (int)response.StatusCode);
        string said = (await OpenAiCalls.ErrorAsync(response)).GetProperty("message").GetString()!;
        Assert.Contains("application/json", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_any_length_are_compared_in_little_time()
    {
        string name = new('x', 1_000_000);
        string[] all = [$$"""{"{{name}}":1}""", $$$"""{"sea":{"{{{name}}}":1}}""", $$$"""{"sea":{"method":"{{{name}}}"}}"""];
        foreach (string fields in all)
        {
            (int status, JsonElement error, _) = await Calls.FailAsync(OpenAiCalls.Asking(fields).ToJsonString());
            Assert.Equal(400, status);
            Assert.True(error.GetRawText().Length < 2000);
        }
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_allowed")]
    [InlineData("POST", "/v1/embeddings", 404, "unknown_url")]
    [InlineData("GET", "/healthz/ready", 404, "unknown_url")]
    [InlineData("POST", "/sea.v1.AlignmentService/Align", 404, "unknown_url")]
    public async Task The_port_has_nothing_else(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await Calls.Client.SendAsync(request);
        Assert.Equal((status, code), ((int)response.StatusCode, (await OpenAiCalls.ErrorAsync(response)).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task The_other_ports_do_not_have_the_api()
    {
        using var client = new HttpClient { BaseAddress = new Uri(shared.Server.HttpAddress) };
        Assert.Equal(404, (int)(await client.GetAsync(new Uri("/v1/models", UriKind.Relative))).StatusCode);
        Assert.Equal(200, (int)(await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative))).StatusCode);
    }
}
