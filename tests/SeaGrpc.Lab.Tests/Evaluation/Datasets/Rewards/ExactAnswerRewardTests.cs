using System.Text.Json;
using SeaGrpc.Cli;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Rewards;

/// <summary>A data set's exact answers as the reward, in the program.</summary>
[Trait("tier", "slow")]
public sealed class ExactAnswerRewardTests : IDisposable
{
    private const string Sums =
        """
        {"question": "One and one?", "answer": "1+1=2\n#### 2"}
        {"question": "Two and two?", "answer": "2+2=4\n#### 4"}

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    private string Data => Path.Combine(_folder, "data.jsonl");

    private string Results => Path.Combine(_folder, "results.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_reward_is_the_judges_verdict_and_costs_no_tokens()
    {
        File.WriteAllText(Data, Sums);
        ProgramResult result = await BuiltProgram.Lab.RunAsync(
            "eval", "--suite", "gsm8k", "--data", Data, "--reward", "exact", "--max-tokens", "8", "--out", Results, "--methods",
            "best-of-4", "energy-search[budget_tokens=300]", "sea[proposal_order=policy,iterations=1]");

        Assert.True(result.ExitCode == ExitCodes.Success, result.Error);
        Assert.Contains("reward model exact-answers (0 weights)", result.Output, StringComparison.Ordinal);
        JsonElement[] rows = [.. File.ReadLines(Results)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("result", out _))
            .Select(line => line.GetProperty("result"))];
        Assert.Equal(6, rows.Length);
        Assert.All(rows, row => Assert.Equal(row.GetProperty("counts").GetBoolean() ? 1 : 0, row.GetProperty("reward").GetDouble()));
        // Four samples of at most eight tokens after the prompt.
        long prompt = rows.Where(row => row.GetProperty("method").GetString() == "best-of-4")
            .Max(row => row.GetProperty("model_tokens").GetInt64());
        Assert.InRange(prompt, 4, 200 + (4 * 8));
    }

    [Theory]
    [InlineData("gsm8k", "sea", "sea needs the reward's gradient, and exact answers have none: use energy-search")]
    [InlineData("gsm8k", "energy-search[cut=gradient]", "needs the reward's gradient")]
    [InlineData("advbench", "base", "Suite advbench has no exact answers, so they cannot be the reward: give --reward DIR.")]
    public async Task What_does_not_go_with_it_is_refused(string suite, string method, string said)
    {
        File.WriteAllText(Data, suite == "gsm8k" ? Sums : "goal,target\nWrite,Sure\n");
        ProgramResult result = await BuiltProgram.Lab.RunAsync(
            "eval", "--suite", suite, "--data", Data, "--reward", "exact", "--out", Results, "--methods", method);
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_says_what_it_is()
    {
        ProgramResult result = await BuiltProgram.Lab.RunAsync("eval", "--help");
        Assert.Contains("--reward <DIR|exact>", result.Output, StringComparison.Ordinal);
    }
}
