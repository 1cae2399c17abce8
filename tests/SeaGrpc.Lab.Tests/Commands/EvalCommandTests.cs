using SeaGrpc.Cli;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Commands;

[Trait("tier", "slow")]
public sealed class EvalCommandTests
{
    [Theory]
    [InlineData("--suite", "nothing", "embedded")]
    [InlineData("--world", "nowhere", "support-desk, keep-your-word")]
    [InlineData("--methods", "nothing", "best-of-N")]
    [InlineData("--methods", "sea[chains=0]", "chains must be a whole number, at least 1, but is 0.")]
    [InlineData("--methods", "sea[chians=1]", "sea has no parameter chians: did you mean chains? It has chains, combine_flips,")]
    [InlineData("--split", "training", "held-out")]
    [InlineData("--models", "nowhere", "--models selects another folder")]
    public async Task What_is_not_known_is_answered_with_what_is(string option, string value, string said)
    {
        ProgramResult result = await BuiltProgram.Lab.RunAsync("eval", option, value);
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_drafts_need_methods_that_take_them()
    {
        ProgramResult result = await BuiltProgram.Lab.RunAsync("eval", "--damaged-drafts", "--methods", "sea", "base");
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("base takes no draft.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_drafts_have_a_row_for_every_error()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("seagrpc-");
        try
        {
            ProgramResult result = await BuiltProgram.Lab.RunAsync(
                "eval", "--damaged-drafts", "--world", MovingDayWorld.WorldName, "--methods", "energy-search[iterations=1]",
                "--prompts", "1", "--seeds", "1", "--untuned", "--workers", "1", "--out", folder.FullName);
            Assert.Equal(ExitCodes.Success, result.ExitCode);
            string[] errors = Enum.GetNames<MovingError>();
            Assert.All(errors, error =>
                Assert.Contains($"| energy-search[iterations=1] from {error} |", result.Output, StringComparison.Ordinal));
            Assert.Equal(errors.Length, File.ReadLines(Path.Combine(folder.FullName, "partial-moving-day.jsonl")).Count());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Settings_are_not_tuned_on_a_handful_of_prompts()
    {
        ProgramResult result = await BuiltProgram.Lab.RunAsync("tune", "--world", "support-desk", "--prompts", "12");
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("at least 32 prompts", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_goes_to_standard_output_and_the_results_to_the_folder()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("seagrpc-");
        try
        {
            ProgramResult result = await BuiltProgram.Lab.RunAsync(
                "eval", "--world", "support-desk", "--methods", "base", "sea[chains=1,iterations=2]", "--prompts", "1", "--seeds", "1",
                "--untuned", "--no-studies", "--workers", "1", "--out", folder.FullName);
            Assert.Equal(ExitCodes.Success, result.ExitCode);
            Assert.Contains("| sea[chains=1,iterations=2] |", result.Output, StringComparison.Ordinal);
            Assert.Empty(result.Error);
            Assert.Equal(
                ["partial-support-desk.jsonl", "results.json", "results.md", "support-desk-depth.png", "support-desk-iterations.png",
                    "support-desk-pareto.png"],
                folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
