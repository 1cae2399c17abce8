using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests.Engines;

/// <summary>What the clients of vLLM, SGLang and llama.cpp make of engines that answer with a local model, and of broken ones.</summary>
public sealed class EnginePolicyTests : IDisposable
{
    private readonly TinyFolders _folders = new();
    private readonly PolicyModel _model;
    private readonly LocalPolicy _local;
    private readonly int[] _prompt;

    public EnginePolicyTests()
    {
        _model = PolicyModel.Load(_folders.Policy, new ModelLoadOptions("cpu", ModelDtype.Float32));
        _local = new LocalPolicy(_model);
        _prompt = _model.Tokenizer.Encode("Hello there");
    }

    public void Dispose()
    {
        _local.Dispose();
        _model.Dispose();
        _folders.Dispose();
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    [InlineData("LlamaCpp")]
    public async Task Greedy_continuations_are_those_of_the_local_model(string kind)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        using EnginePolicy engine = Open(host, kind);
        TokenDrawing drawing = Drawing(temperature: 0, alternatives: 4);
        RowToContinue[] rows = [new(_prompt, 1), new([.. _prompt, 65], 2), new(_prompt[..3], 3)];
        PolicyAnswer<DrawnTokens> answer = await engine.ContinueAsync(rows, drawing, default);
        IReadOnlyList<DrawnTokens> expected = (await _local.ContinueAsync(rows, drawing, default)).Rows;
        for (int row = 0; row < rows.Length; row++)
        {
            Assert.Equal(expected[row].Tokens, answer.Rows[row].Tokens);
            Assert.Equal(expected[row].HasEnded, answer.Rows[row].HasEnded);
            AssertClose(expected[row].LogProbabilities, answer.Rows[row].LogProbabilities);
            AssertClose(expected[row].Alternatives, answer.Rows[row].Alternatives);
        }

        Assert.Equal("Bearer key", host.Keys.First());
        Assert.True(answer.Tokens.Read >= rows.Sum(row => row.Ids.Count));
        Assert.True(answer.Tokens.Drawn >= expected.Sum(row => row.Tokens.Count));
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    [InlineData("LlamaCpp")]
    public async Task Draws_have_the_local_models_log_probabilities_and_no_forbidden_token(string kind)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        using EnginePolicy engine = Open(host, kind);
        TokenDrawing all = Drawing(temperature: 0.7, alternatives: 3);
        int likeliest = (await _local.ContinueAsync([new(_prompt, 0)], Drawing(0, 1), default)).Rows[0].Tokens[0];
        TokenDrawing drawing = all with { TopK = 5, Forbidden = [likeliest] };
        RowToContinue[] rows = [.. Enumerable.Range(1, 8).Select(seed => new RowToContinue(_prompt, (ulong)seed << 40))];
        foreach (DrawnTokens drawn in (await engine.ContinueAsync(rows, drawing, default)).Rows)
        {
            Assert.DoesNotContain(likeliest, drawn.Tokens);
            ReadTokens read = (await _local.ReadAsync(
                [new RowToRead([.. _prompt, .. drawn.Tokens], _prompt.Length)], 3, default)).Rows[0];
            AssertClose(read.LogProbabilities, drawn.LogProbabilities);
            AssertClose(read.Alternatives, drawn.Alternatives);
            Assert.Equal(drawn.HasEnded, _model.Tokenizer.EosIds.Contains(drawn.Tokens[^1]));
        }
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    public async Task Given_rows_have_the_local_models_log_probabilities(string kind)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        using EnginePolicy engine = Open(host, kind);
        int[] long1 = [.. _prompt, .. _model.Tokenizer.Encode(" and good day")];
        RowToRead[] rows = [new(long1, _prompt.Length), new(long1, 1), new(_prompt, _prompt.Length - 1)];
        foreach (int alternatives in new[] { 0, 5 })
        {
            IReadOnlyList<ReadTokens> told = (await engine.ReadAsync(rows, alternatives, default)).Rows;
            IReadOnlyList<ReadTokens> expected = (await _local.ReadAsync(rows, alternatives, default)).Rows;
            for (int row = 0; row < rows.Length; row++)
            {
                AssertClose(expected[row].LogProbabilities, told[row].LogProbabilities);
                AssertClose(expected[row].Alternatives, told[row].Alternatives);
            }
        }
    }

    [Fact]
    public async Task Equal_seeds_draw_equal_tokens_from_vLLM()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using EnginePolicy engine = Open(host, "Vllm");
        TokenDrawing drawing = Drawing(temperature: 1, alternatives: 0);
        RowToContinue[] rows = [new(_prompt, 5), new(_prompt, 6), new(_prompt, ulong.MaxValue)];
        IReadOnlyList<DrawnTokens> first = (await engine.ContinueAsync(rows, drawing, default)).Rows;
        IReadOnlyList<DrawnTokens> second = (await engine.ContinueAsync(rows, drawing, default)).Rows;
        Assert.Equal(first.Select(row => row.Tokens), second.Select(row => row.Tokens));
        Assert.NotEqual(first[0].Tokens, first[1].Tokens);
    }

    [Fact]
    public async Task Llama_cpp_reads_no_given_rows_and_draws_again_where_it_hides_parts_of_characters()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.LlamaCpp, _model);
        using EnginePolicy engine = Open(host, "LlamaCpp");
        Assert.False(engine.Abilities.ReadsRows);
        await Assert.ThrowsAsync<NotSupportedException>(() => engine.ReadAsync([new RowToRead(_prompt, 1)], 0, default));
        int hidden = 0;
        host.Spoil = (path, reply) =>
        {
            if (path == "completion" && Interlocked.Increment(ref hidden) <= 2)
            {
                reply["completion_probabilities"]!.AsArray().RemoveAt(0);
            }

            return reply;
        };
        TokenDrawing drawing = Drawing(temperature: 1, alternatives: 0);
        DrawnTokens drawn = (await engine.ContinueAsync([new RowToContinue(_prompt, 1)], drawing, default)).Rows[0];
        Assert.Equal(drawn.Tokens.Count, drawn.LogProbabilities.Count);
        Assert.Equal(3, host.Asked.Select(body => (long)body["seed"]!).Distinct().Count());
        hidden = int.MinValue;
        PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(
            () => engine.ContinueAsync([new RowToContinue(_prompt, 1)], drawing, default));
        Assert.Contains("parts of characters", failure.Message);
    }

    public static TheoryData<string, string, string, string> Damages => new()
    {
        { "Vllm", "choices/0/logprobs/tokens/0=\"Hello\"", "named the token Hello by its text", "" },
        { "Vllm", "choices/0/logprobs/tokens/0=\"token_id:3\"", "other tokens than it has drawn", "" },
        { "Vllm", "choices/0/logprobs/token_logprobs/0=null", "answered null instead of a number", "" },
        { "Vllm", "choices/0/logprobs/token_logprobs/0=0.5", "answered 0.5 instead of a log-probability", "" },
        { "Vllm", "choices/0/logprobs/top_logprobs/0={\"token_id:1\":-1}", "named 1 alternatives instead of 2", "" },
        { "Vllm", "choices/0/logprobs=null", "answered without the member \"tokens\"", "" },
        { "Vllm", "choices=[]", "answered with 0 choices instead of 1", "" },
        { "Vllm", "choices/0/finish_reason=\"abort\"", "ended a row for the reason \"abort\"", "" },
        { "Vllm", "choices/0/finish_reason=\"stop\"", "which is no end by the policy's folder", "" },
        { "Vllm", "usage/prompt_tokens=1", "read 1 tokens of a row of", "" },
        { "Vllm", "choices/0/prompt_logprobs/2={\"1\":{\"logprob\":-1}}", "answered without token", "read" },
        { "Vllm", "choices/0/prompt_logprobs=[null]", "answered with 1 positions of the prompt instead of", "read" },
        { "Sglang", "output_ids=[-1]", "answered -1 instead of a token's id", "" },
        { "Sglang", "meta_info/finish_reason={\"type\":\"abort\",\"message\":\"out of memory\"}", "out of memory", "" },
        { "Sglang", "meta_info/input_token_logprobs/1=[-1,0,null]", "answered with token 0 at position", "read" },
        { "Sglang", "meta_info/input_token_logprobs/1=[null,0,null]", "answered null instead of a number", "read" },
        { "Sglang", "meta_info/input_top_logprobs=[]", "answered with 0 positions instead of", "read" },
        { "LlamaCpp", "completion_probabilities/0/logprob=null", "answered null instead of a number", "" },
        { "LlamaCpp", "completion_probabilities/0/id=0", "answered with the log-probability of token 0", "" },
        { "LlamaCpp", "stop_type=\"word\"", "ended a row for the reason \"word\"", "" },
        { "LlamaCpp", "tokens_evaluated=99", "read 99 tokens of a row of", "" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_reply_is_an_error_that_says_what_the_engine_said(string kind, string damage, string told, string call)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        using EnginePolicy engine = Open(host, kind);
        host.Spoil = (path, reply) => path is "v1/completions" or "generate" or "completion" ? Damaged(reply, damage) : reply;
        PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(() => call == "read"
            ? engine.ReadAsync([new RowToRead(_prompt, 2)], 2, default)
            : engine.ContinueAsync(
                [new RowToContinue(_prompt, 1)], Drawing(0, 2) with { MaxTokens = 2, Forbidden = [.. _model.Tokenizer.EosIds] }, default));
        Assert.True(failure.IsMalformed);
        Assert.Contains($"The policy's engine at {host.Address} ", failure.Message);
        Assert.Contains(told, failure.Message);
    }

    [Fact]
    public async Task Truncated_and_numberless_JSON_and_refusals_are_errors_and_are_not_asked_again()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using EnginePolicy engine = Open(host, "Vllm");
        (int Status, string Body, string Told)[] replies =
        [
            (200, "{\"choices\":[{\"index\":0,", "answered something that is not JSON"),
            (200, "{\"choices\":[{\"logprobs\":{\"token_logprobs\":[NaN]}}]}", "answered something that is not JSON"),
            (400, "{\"error\":{\"message\":\"Requested sample logprobs of 64, which is greater than max allowed: 20\"}}", "allowed: 20"),
            (404, "{\"error\":{\"message\":\"The model x does not exist.\"}}", "answered 404 Not Found"),
        ];
        foreach ((int status, string body, string told) in replies)
        {
            int before = host.Requests;
            host.Instead = (_, _) => Results.Text(body, "application/json", statusCode: status);
            PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(
                () => engine.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 2), default));
            Assert.True(failure.IsMalformed);
            Assert.Contains(told, failure.Message);
            Assert.Equal(before + 1, host.Requests);
        }
    }

    [Fact]
    public async Task Passing_failures_are_asked_again_and_a_slow_engine_is_given_up()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using EnginePolicy engine = Open(host, "Vllm", options => options with { Timeout = TimeSpan.FromMinutes(2) });
        host.Instead = (_, number) => number == 1 ? Results.Text("busy", statusCode: 429)
            : number == 2 ? Results.Text("out of memory", statusCode: 503)
            : null;
        Assert.Single((await engine.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default)).Rows);
        Assert.Equal(3, host.Requests);
        host.Instead = (_, _) => Results.Text("CUDA out of memory", statusCode: 500);
        PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(
            () => engine.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default));
        Assert.Contains("answered 500 Internal Server Error: CUDA out of memory", failure.Message);
        Assert.False(failure.IsMalformed);

        using EnginePolicy hasty = Open(host, "Vllm", options => options with { Timeout = TimeSpan.FromMilliseconds(50) });
        host.OnCall = (_, stop) => Task.Delay(Timeout.Infinite, stop);
        failure = await Assert.ThrowsAsync<PolicyFailedException>(
            () => hasty.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default));
        Assert.Contains("did not answer within 0.05 s", failure.Message);
        using var stop = new CancellationTokenSource();
        Task cancelled = engine.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await host.KillAsync();
        failure = await Assert.ThrowsAsync<PolicyFailedException>(
            () => engine.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default));
        Assert.Contains("cannot be reached", failure.Message);
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    [InlineData("LlamaCpp")]
    public async Task The_check_of_the_start_passes_and_names_the_model(string kind)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        using EnginePolicy engine = Open(host, kind, options => options with { Model = "tiny" });
        EngineModel model = await new EngineCheck(engine, _model.Tokenizer).RunAsync(default);
        Assert.Equal("tiny", model.Name);
        Assert.Equal(kind == "Sglang" ? null : 128, model.MaxPositions);
    }

    [Theory]
    [InlineData("Vllm")]
    [InlineData("Sglang")]
    [InlineData("LlamaCpp")]
    public async Task Another_tokenizer_another_model_and_a_changed_model_do_not_pass(string kind)
    {
        await using EngineHost host = await EngineHost.StartAsync(Enum.Parse<EngineKind>(kind), _model);
        using EnginePolicy engine = Open(host, kind);
        var check = new EngineCheck(engine, _model.Tokenizer);
        host.TokenizerQuirk = " ";
        Assert.Contains("has another tokenizer than the policy's folder", await FailureAsync(check));
        host.TokenizerQuirk = "";
        await check.RunAsync(default);
        host.Name = "other";
        Assert.Contains("serves another model than before", await FailureAsync(check));
        using EnginePolicy named = Open(host, kind, options => options with { Model = "tiny" });
        Assert.Contains("does not serve tiny, but other", await FailureAsync(new EngineCheck(named, _model.Tokenizer)));
    }

    [Fact]
    public async Task Log_probabilities_after_temperature_do_not_pass()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        host.TellsProcessed = true;
        using EnginePolicy engine = Open(host, "Vllm");
        Assert.Contains("--logprobs-mode raw_logprobs", await FailureAsync(new EngineCheck(engine, _model.Tokenizer)));
    }

    [Fact]
    public async Task An_engine_that_fails_repeatedly_is_left_alone_until_it_passes_the_check()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        EnginePolicy engine = Open(host, "Vllm", options => options with { Attempts = 1 });
        var check = new EngineCheck(engine, _model.Tokenizer);
        await check.RunAsync(default);
        var closed = new TaskCompletionSource();
        List<bool> changes = [];
        using var guarded = new GuardedPolicy(engine, check, TimeSpan.FromMilliseconds(500), (_, isLeftAlone) =>
        {
            changes.Add(isLeftAlone);
            if (!isLeftAlone)
            {
                closed.TrySetResult();
            }
        });
        host.Instead = (_, _) => Results.Text("gone", statusCode: 503);
        for (int call = 0; call < 4; call++)
        {
            await Assert.ThrowsAsync<PolicyFailedException>(
                () => guarded.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default));
        }

        Assert.Contains("answered 503", guarded.Trouble);
        int before = host.Asked.Count;
        PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(
            () => guarded.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default));
        Assert.Contains("is not asked at the moment, because it failed repeatedly", failure.Message);
        Assert.Equal(before, host.Asked.Count);
        host.Instead = (_, _) => null;
        await closed.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal([true, false], changes.Where((change, at) => at == 0 || change != changes[at - 1]));
        Assert.Single((await guarded.ContinueAsync([new RowToContinue(_prompt, 1)], Drawing(0, 0), default)).Rows);
    }

    private static async Task<string> FailureAsync(EngineCheck check) =>
        (await Assert.ThrowsAsync<PolicyFailedException>(() => check.RunAsync(default))).Message;

    private static EnginePolicy Open(EngineHost host, string kind, Func<PolicyEngineOptions, PolicyEngineOptions>? change = null)
    {
        var options = new PolicyEngineOptions
        {
            Endpoint = host.Address,
            Kind = Enum.Parse<EngineKind>(kind),
            ApiKey = "key",
            Alternatives = 5,
        };
        return new EnginePolicy(change is null ? options : change(options));
    }

    private TokenDrawing Drawing(double temperature, int alternatives) =>
        new(MaxTokens: 6, temperature, TopK: 0, alternatives, _model.Tokenizer.EosIds, []);

    private static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    private static void AssertClose(
        IReadOnlyList<IReadOnlyList<TokenProbability>> expected, IReadOnlyList<IReadOnlyList<TokenProbability>> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((IReadOnlyList<TokenProbability> one, IReadOnlyList<TokenProbability> other) in expected.Zip(actual))
        {
            Assert.Equal(one.Select(token => token.Id), other.Select(token => token.Id));
            AssertClose([.. one.Select(token => token.LogProbability)], [.. other.Select(token => token.LogProbability)]);
        }
    }

    // "path/to/0=JSON" replaces what stands at the path.
    private static JsonObject Damaged(JsonObject reply, string damage)
    {
        string[] sides = damage.Split('=', 2);
        string[] path = sides[0].Split('/');
        JsonNode at = reply;
        foreach (string step in path[..^1])
        {
            at = at is JsonArray list ? list[int.Parse(step)]! : at[step]!;
        }

        JsonNode? value = JsonNode.Parse(sides[1]);
        if (at is JsonArray items)
        {
            items[int.Parse(path[^1])] = value;
        }
        else
        {
            at[path[^1]] = value;
        }

        return reply;
    }
}
