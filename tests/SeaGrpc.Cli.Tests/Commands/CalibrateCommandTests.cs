using System.Text.Json;
using SeaGrpc.Cli.Calibration;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

public sealed class CalibrateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("tier", "slow")]
    public async Task It_prints_what_it_measured_and_parameters_that_the_contract_takes()
    {
        var result = await BuiltProgram.Cli.RunAsync("calibrate", "--quick", "--count", "1", "--max-tokens", "8", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        var report = JsonDocument.Parse(result.Output).RootElement;
        var spec = V1.AlignmentSpec.Parser.ParseJson(report.GetProperty("spec").GetRawText());
        Assert.Equal(V1.SeaSampler.Langevin, spec.Sea.Sampler);
        Assert.True(spec.Sea.RewardWeight > 0 && spec.Sea.StepSize > 0 && spec.Sea.HasEmbeddingNoise);
        Assert.Equal(3, report.GetProperty("reasons").GetArrayLength());
        Assert.Equal(3, report.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    [Trait("tier", "slow")]
    public async Task On_a_terminal_it_shows_how_far_it_is_and_an_interrupt_leaves_the_cursor()
    {
        using TerminalProcess cli = BuiltProgram.Cli.StartOnTerminal(null, "calibrate");
        await cli.UntilAsync(@"(sampling the policy|comparing gradients|trying step sizes|checking reward weights).* +━+");

        await cli.TypeAsync("\u0003");

        Assert.Equal(130, await cli.EndAsync());
        const string Hide = "\u001b[?25l";
        const string Show = "\u001b[?25h";
        Assert.True(
            cli.Shown.LastIndexOf(Show, StringComparison.Ordinal) > cli.Shown.LastIndexOf(Hide, StringComparison.Ordinal), cli.Shown);
    }

    [Theory]
    [InlineData("prompts.txt", "one\n\n two \n", new[] { "one", "two" })]
    [InlineData("prompts.jsonl", "{\"prompt\": \"one\", \"id\": 1}\n\"two\"\n", new[] { "one", "two" })]
    public void Prompts_are_read_one_a_line(string name, string content, string[] expected)
    {
        var file = Write(name, content);
        Assert.Equal(expected, PromptFile.Read(file, 10));
        Assert.Equal(expected[..1], PromptFile.Read(file, 1));
    }

    [Theory]
    [InlineData("empty.txt", "\n", "has no prompts")]
    [InlineData("broken.jsonl", "\"one\"\n{", "line 2: not valid JSON")]
    [InlineData("other.jsonl", "{\"question\": 3}", "line 1: write a JSON string")]
    public void A_file_that_is_wrong_is_told_with_its_line(string name, string content, string message) =>
        Assert.Contains(
            message, Assert.Throws<CliException>(() => PromptFile.Read(Write(name, content), 10)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("calibrate", "--policy", "/nowhere")]
    [InlineData("calibrate", "--count", "0")]
    [InlineData("calibrate", "--max-tokens", "many")]
    [InlineData("calibrate", "--prompts", "/nowhere/prompts.txt")]
    public async Task A_wrong_command_line_exits_with_2(params string[] arguments)
    {
        var result = await BuiltProgram.Cli.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_no_checkpoint_is_named()
    {
        var result = await BuiltProgram.Cli.RunAsync("calibrate", "--policy", _folder, "--reward", _folder);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(_folder, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
