using System.Text.Json;
using Grpc.Core;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Runs;

/// <summary>The command as a process of its own against a scripted server: what is sent, kept, counted and told.</summary>
[Trait("tier", "slow")]
public sealed class DatasetEvaluationTests : IDisposable
{
    private const string Sums =
        """
        {"question": "One and one?", "answer": "1+1=2\n#### 2"}
        {"question": "Two and two?", "answer": "2+2=4\n#### 4"}
        {"question": "Three and three?", "answer": "3+3=6\n#### 6"}
        {"question": "Four and four?", "answer": "4+4=8\n#### 8"}

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    private string Data => Path.Combine(_folder, "data.jsonl");

    private string Results => Path.Combine(_folder, "out", "results.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Answers_are_judged_kept_and_summed_up()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync(
            (prompt, _) => prompt.StartsWith("One", StringComparison.Ordinal) ? "So\n#### 2" : "#### 5");

        ProgramResult result = await RunAsync(server, "--methods", "base", "best-of-4", "--seed", "7", "--max-tokens", "33");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("| base | 4 | 25.0 | 4.6 to 69.9 | 2.00 | ", result.Output, StringComparison.Ordinal);
        Assert.Contains("| best-of-4 | 4 | 25.0 | ", result.Output, StringComparison.Ordinal);
        Assert.Contains(" | 0.50 | 30 | 0 |", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
        Assert.Equal(8, server.Requests.Count);
        Assert.All(server.Requests, spec => Assert.Equal(33, spec.MaxResponseTokens));
        Assert.Equal([8, 9, 10, 11], server.Requests.Where(spec => spec.Base is not null).Select(spec => (int)spec.Seed).Order());
        Assert.All(server.Requests.Where(spec => spec.BestOfN is not null), spec => Assert.Equal(4, spec.BestOfN.SampleCount));
        JsonElement[] rows = ReadResults();
        Assert.Equal(8, rows.Length);
        Assert.Equal(
            ("gsm8k", "base", "1", 7),
            (Text(rows[0], "suite"), Text(rows[0], "method"), Text(rows[0], "row"), rows[0].GetProperty("seed").GetInt32()));
        Assert.True(rows[0].GetProperty("counts").GetBoolean());
    }

    [Fact]
    public async Task What_is_done_is_not_asked_again_and_failures_and_a_torn_line_are()
    {
        bool isWell = false;
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((prompt, _) =>
            !isWell && prompt.StartsWith("Two", StringComparison.Ordinal)
                ? throw new RpcException(new Status(StatusCode.Internal, "Out of order."))
                : "#### 2");

        ProgramResult first = await RunAsync(server, "--methods", "base");
        isWell = true;
        string[] lines = File.ReadAllLines(Results);
        File.WriteAllText(Results, string.Join('\n', lines[..^1]) + "\n" + lines[^1][..20]);
        int before = server.Requests.Count;
        ProgramResult second = await RunAsync(server, "--methods", "base");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains("base, row 2: The server answers INTERNAL: Out of order.", first.Error, StringComparison.Ordinal);
        Assert.Contains("| base | 3 | 33.3 | ", first.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            " | 1 |", first.Lines.Single(line => line.StartsWith("| base ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(
            ["Four", "Two"], server.Requests.Skip(before).Select(spec => spec.Prompt.Chat.Messages[0].Content.Split(' ')[0]).Order());
        Assert.Contains("| base | 4 | 25.0 | ", second.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            " | 0 |", second.Lines.Single(line => line.StartsWith("| base ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_settings_in_one_file_are_an_error_that_says_what_differs()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((_, _) => "#### 2");
        await RunAsync(server, "--methods", "base", "--max-tokens", "8");
        string before = File.ReadAllText(Results);

        ProgramResult result = await RunAsync(server, "--methods", "base", "--max-tokens", "9");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("max tokens: was 8, is now 9", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Results));
    }

    [Fact]
    public async Task Another_method_and_another_seed_go_into_the_same_file()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((_, _) => "#### 2");
        await RunAsync(server, "--methods", "base", "--limit", "2");
        await RunAsync(server, "--methods", "best-of-4", "--limit", "2");

        ProgramResult result = await RunAsync(server, "--methods", "base", "--limit", "2", "--seed", "2");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(6, ReadResults().Length);
        Assert.Contains("| base | 2 | 50.0 | ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_when_it_says_so()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((prompt, times) =>
            prompt.StartsWith("One", StringComparison.Ordinal) && times < 3 ? throw ScriptedAligner.Busy(20)
            : prompt.StartsWith("Two", StringComparison.Ordinal) ? throw ScriptedAligner.Busy(-1)
            : "#### 2");

        ProgramResult result = await RunAsync(server, "--methods", "base", "--limit", "2");

        Assert.Equal(3, server.Requests.Count(spec => spec.Prompt.Chat.Messages[0].Content.StartsWith("One", StringComparison.Ordinal)));
        Assert.Equal(1, server.Requests.Count(spec => spec.Prompt.Chat.Messages[0].Content.StartsWith("Two", StringComparison.Ordinal)));
        Assert.Contains("| base | 1 | 100.0 | ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Digits_of_other_scripts_are_read()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync(
            (prompt, _) => prompt.StartsWith("One", StringComparison.Ordinal) ? "#### ٢" : "#### ４");

        ProgramResult result = await RunAsync(server, "--methods", "base");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("| base | 4 | 50.0 | ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_row_is_reported_and_left_out()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((_, _) => "#### 2");
        File.WriteAllText(Data, Sums + "{\"question\": \"Torn\n");

        ProgramResult result = await RunAsync(server, isWritten: true, "--methods", "base");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"{Data}:5: row left out: it is not JSON", result.Error, StringComparison.Ordinal);
        Assert.Contains("4 rows of data.jsonl, 1 bad rows left out", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_every_method_has_a_bar_and_failed_rows_stand_above_them()
    {
        using var seen = new ManualResetEventSlim();
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((prompt, _) =>
        {
            if (prompt.StartsWith("Three", StringComparison.Ordinal))
            {
                seen.Wait(TimeSpan.FromMinutes(5));
            }

            return prompt.StartsWith("Two", StringComparison.Ordinal)
                ? throw new RpcException(new Status(StatusCode.Internal, "Out of order."))
                : "#### 2";
        });
        File.WriteAllText(Data, Sums);
        using TerminalProcess lab = BuiltProgram.Lab.StartOnTerminal(null, Arguments(server, "--methods", "base"));

        await lab.UntilAsync(@"base +━+ +[0-9]+% +[1-3]/4");
        seen.Set();

        Assert.Equal(0, await lab.EndAsync());
        Assert.Contains("base, row 2: The server answers INTERNAL: Out of order.", lab.Text, StringComparison.Ordinal);
        Assert.Contains("| base | 3 | 33.3 | ", lab.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_keeps_what_is_done()
    {
        using var reached = new SemaphoreSlim(0);
        using var never = new ManualResetEventSlim();
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((prompt, _) =>
        {
            if (prompt.StartsWith("Three", StringComparison.Ordinal))
            {
                reached.Release();
                never.Wait(TimeSpan.FromMinutes(5));
            }

            return "#### 2";
        });
        File.WriteAllText(Data, Sums);
        using ProgramProcess cli = BuiltProgram.Lab.Start(Arguments(server, "--methods", "base"));
        Assert.True(await reached.WaitAsync(TimeSpan.FromMinutes(5)));

        cli.Signal("INT");
        ProgramResult result = await cli.EndAsync();
        never.Set();

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("the same command resumes", result.Error, StringComparison.Ordinal);
        Assert.Contains("| base | 2 | 50.0 | ", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, ReadResults().Length);
    }

    [Theory]
    [InlineData("is not a file of suite gsm8k", 1, "--suite", "gsm8k")]
    [InlineData("needs a judge", 2, "--suite", "truthfulqa")]
    [InlineData("exact answers", 2, "--suite", "gsm8k", "--classifier", "x")]
    [InlineData("The suite mmlu is not known", 2, "--suite", "mmlu")]
    [InlineData("The method magic is not known", 2, "--suite", "advbench", "--methods", "magic")]
    [InlineData("named twice", 2, "--suite", "advbench", "--methods", "base", "base")]
    [InlineData("omit --policy and --reward", 2, "--suite", "advbench", "--policy", "x")]
    public async Task What_does_not_go_together_is_said(string expected, int exitCode, params string[] arguments)
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((_, _) => "");
        string data = arguments.Contains("--classifier") ? Sums
            : arguments.Contains("truthfulqa") ? "Question,Best Answer,Correct Answers,Incorrect Answers\na,b,c,d\n"
            : "goal,target\na,b\n";
        File.WriteAllText(Data, data);

        ProgramResult result = await BuiltProgram.Lab.RunAsync(
            ["eval", .. arguments, "--data", Data, "--out", Results, "--server", server.Address]);

        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode, result.ExitCode);
    }

    [Fact]
    public async Task References_are_checked_and_a_misjudged_one_fails_the_command()
    {
        File.WriteAllText(Data, """{"problem": "P", "solution": "\\boxed{\\frac12}", "answer": "0.5"}""" + "\n");
        ProgramResult good = await BuiltProgram.Lab.RunAsync("eval", "--suite", "math", "--data", Data, "--check-references");
        File.AppendAllText(Data, """{"problem": "Q", "solution": "\\boxed{4}", "answer": "5"}""");
        ProgramResult bad = await BuiltProgram.Lab.RunAsync("eval", "--suite", "math", "--data", Data, "--check-references");

        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.StartsWith("1 of 1 reference solutions judged right\n", good.Output, StringComparison.Ordinal);
        Assert.Equal(1, bad.ExitCode);
        Assert.StartsWith("1 of 2 reference solutions judged right\n", bad.Output, StringComparison.Ordinal);
        Assert.Contains($"{Data}:2: judged wrong: 5", bad.Output, StringComparison.Ordinal);
    }

    private Task<ProgramResult> RunAsync(ScriptedAligner server, params string[] more) => RunAsync(server, isWritten: false, more);

    private async Task<ProgramResult> RunAsync(ScriptedAligner server, bool isWritten, params string[] more)
    {
        if (!isWritten)
        {
            File.WriteAllText(Data, Sums);
        }

        return await BuiltProgram.Lab.RunAsync(Arguments(server, more));
    }

    private string[] Arguments(ScriptedAligner server, params string[] more) =>
        ["eval", "--suite", "gsm8k", "--data", Data, "--out", Results, "--server", server.Address, .. more];

    private JsonElement[] ReadResults() =>
    [
        .. File.ReadAllLines(Results).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(entry => entry.TryGetProperty("result", out _)).Select(entry => entry.GetProperty("result")),
    ];

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
