using System.Diagnostics;
using System.Text.Json;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

[Trait("tier", "slow")]
public sealed class AlignCommandTests : IAsyncLifetime
{
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Redirected_output_is_plain_lines_without_control_codes()
    {
        var result = await BuiltProgram.Cli.RunAsync("align", "hello", "--method", "sea[iterations=3]", "--server", _server.Address);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.Contains("iteration 3/3  reward 3.00  energy 8.50  log-probability -20.50", result.Lines);
        Assert.Contains("we will [always]\uFFFD[31m call you", result.Lines);
        Assert.Contains(
            "1 token changed; 3 iterations in 1.50 s, the answer from iteration 3; stopped: all iterations done.", result.Lines);
    }

    [Fact]
    public async Task Json_is_one_object_per_line_numbered_without_gaps_and_ends_with_final()
    {
        var result = await BuiltProgram.Cli.RunAsync(
            "align", "hello", "--method", "sea[iterations=3]", "--json", "--server", _server.Address);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain('\u001b', result.Output);
        var events = result.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            Enumerable.Range(0, 6).Select(number => number.ToString()), events.Select(item => item.GetProperty("sequence").GetString()));
        Assert.Equal("STOP_REASON_ITERATIONS", events[^1].GetProperty("final").GetProperty("stop_reason").GetString());
        Assert.Equal("hello", events[0].GetProperty("started").GetProperty("effective_spec").GetProperty("prompt")
            .GetProperty("chat").GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_server_is_told_which_of_its_models_answers()
    {
        var result = await BuiltProgram.Cli.RunAsync(
            "align", "hello", "--method", "sea[iterations=1]", "--model", "legal", "--json", "--server", _server.Address);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var spec = JsonDocument.Parse(result.Lines[0]).RootElement.GetProperty("started").GetProperty("effective_spec");
        Assert.Equal("legal", spec.GetProperty("model").GetString());

        var alone = await BuiltProgram.Cli.RunAsync("align", "hello", "--model", "legal");
        Assert.Contains("--model is for --server", alone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_strings_are_sent_in_their_order()
    {
        var result = await BuiltProgram.Cli.RunAsync(
            "align", "hello", "--method", "sea[iterations=1]", "--stop", "\n\n", "--stop", " User:", "--json", "--server", _server.Address);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var sent = JsonDocument.Parse(result.Lines[0]).RootElement.GetProperty("started").GetProperty("effective_spec");
        Assert.Equal(["\n\n", " User:"], sent.GetProperty("stop_strings").EnumerateArray().Select(text => text.GetString()));
    }

    [Fact]
    public async Task A_file_keeps_what_others_write_to_it()
    {
        var file = Path.GetTempFileName();
        var script = "{ echo first; dotnet \"$0\" align hello --method sea[iterations=1] --server \"$1\"; echo last; } > \"$2\"";
        using var shell = Process.Start("sh", ["-c", script, Path.Combine(AppContext.BaseDirectory, "seagrpc.dll"), _server.Address, file]);
        await shell.WaitForExitAsync();

        var lines = await File.ReadAllLinesAsync(file);
        File.Delete(file);
        Assert.Equal(("first", "last"), (lines[0], lines[^1]));
        Assert.StartsWith("Models: ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_run_quietly()
    {
        using var cli = BuiltProgram.Cli.Start(
            "align", "hello", "--method", "sea[iterations=1000000]", "--json", "--server", _server.Address);
        await cli.ReadLineAsync();
        cli.CloseOutput();

        var result = await cli.EndAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_run_with_its_best_answer_so_far(string signal)
    {
        using var cli = BuiltProgram.Cli.Start(
            "align", "hello", "--method", "sea[iterations=1000000]", "--json", "--server", _server.Address);
        await cli.ReadLineAsync();
        cli.Signal(signal);

        var result = await cli.EndAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var final = JsonDocument.Parse(result.Lines[^1]).RootElement.GetProperty("final");
        Assert.Equal("STOP_REASON_CANCELLED", final.GetProperty("stop_reason").GetString());
        Assert.NotEmpty(final.GetProperty("response").GetProperty("text").GetString()!);
    }

    [Fact]
    public async Task A_second_signal_quits_at_once()
    {
        using var cli = BuiltProgram.Cli.Start(
            "align", ScriptedServer.StubbornPrompt, "--method", "sea[iterations=1000000]", "--json", "--server", _server.Address);
        await cli.ReadLineAsync();
        cli.Signal("INT");
        await _server.CancelRequested.WaitAsync(TimeSpan.FromMinutes(5)); // Two signals that wait together arrive as one.
        cli.Signal("INT");

        Assert.Equal(130, (await cli.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task The_prompt_may_come_from_standard_input()
    {
        using var cli = BuiltProgram.Cli.Start("align", "-", "--method", "sea[iterations=1]", "--server", _server.Address);
        await cli.WriteInputAsync("a question\n"u8.ToArray());

        Assert.Contains("Prompt: a question", (await cli.EndAsync()).Lines);
    }

    [Fact]
    public async Task A_prompt_that_is_not_utf8_is_a_usage_error()
    {
        using var cli = BuiltProgram.Cli.Start("align", "-", "--server", _server.Address);
        await cli.WriteInputAsync([0x66, 0xFF]);
        var result = await cli.EndAsync();

        Assert.Equal((2, "The prompt on standard input is not UTF-8.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_refusal_names_every_field()
    {
        var result = await BuiltProgram.Cli.RunAsync("align", ScriptedServer.BadPrompt, "--json", "--server", _server.Address);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal(
            """
            The server answers INVALID_ARGUMENT: 2 violations.
              spec.sea.chains: is 0; at least 1
              spec.sea.step_size: is negative

            """.ReplaceLineEndings("\n"),
            result.Error);
    }

    [Fact]
    public async Task A_full_queue_says_when_to_try_again()
    {
        var result = await BuiltProgram.Cli.RunAsync("align", ScriptedServer.BusyPrompt, "--json", "--server", _server.Address);

        Assert.Equal(
            (1, "The server answers RESOURCE_EXHAUSTED: The queue is full.\nTry again in 2 s.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var result = await BuiltProgram.Cli.RunAsync("align", "hello", "--server", "127.0.0.1:1");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("No server answers at 127.0.0.1:1: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("align")]
    [InlineData("align", "")]
    [InlineData("align", "hello", "--method", "magic")]
    [InlineData("align", "hello", "--method", "sea[chains=many]")]
    [InlineData("align", "hello", "--method", "base[chains=2]")]
    [InlineData("align", "hello", "--method", "sea[sample_count=2]")]
    [InlineData("align", "hello", "--method", "args[beam_width=2]")]
    [InlineData("align", "hello", "--method", "args[prefix_scoring=rollout]")]
    [InlineData("align", "hello", "--method", "chunk_beam_search[candidates=2]")]
    [InlineData("align", "hello", "--method", "sea-langevin[noise=loud]")]
    [InlineData("align", "hello", "--method", "sea[noise=paper]")]
    [InlineData("align", "hello", "--method", "sea[chains=0]")]
    [InlineData("align", "hello", "--method", "base", "--draft", "one")]
    [InlineData("align", "hello", "--server", "ftp://x")]
    [InlineData("align", "hello", "--time-limit", "NaN")]
    [InlineData("align", "hello", "--time-limit", "soon")]
    [InlineData("align", "hello", "--seed", "-1")]
    [InlineData("align", "hello", "--no-such-option")]
    [InlineData("dance")]
    public async Task A_wrong_command_line_exits_with_2_and_tells_standard_error_alone(params string[] arguments)
    {
        var result = await BuiltProgram.Cli.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
    }
}
