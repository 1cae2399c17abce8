using System.Text.Json;
using System.Text.RegularExpressions;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

public sealed class LoadCommandTests
{
    [Fact]
    [Trait("tier", "slow")]
    public async Task It_counts_answers_and_their_times()
    {
        await using var server = await ScriptedServer.StartAsync();
        var result = await BuiltProgram.Cli.RunAsync(
            "load", "hello", "--server", server.Address, "--method", "sea[iterations=3]", "--concurrency", "3", "--rate", "40",
            "--duration", "0.5", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(20, figures.GetProperty("answers").GetInt32()); // Due at 0, 25, ... 475 ms.
        Assert.Equal(60, figures.GetProperty("iterations").GetInt32());
        Assert.Equal(20, figures.GetProperty("stop_reasons").GetProperty("Iterations").GetInt32());
        Assert.Equal(20, figures.GetProperty("histogram").EnumerateArray().Sum(bar => bar.GetProperty("count").GetInt32()));
        Assert.True(
            figures.GetProperty("answer_ms")
                .GetProperty("p50")
                .GetDouble() >= figures.GetProperty("first_event_ms")
                .GetProperty("p50")
                .GetDouble());
    }

    [Fact]
    [Trait("tier", "slow")]
    public async Task Refusals_are_counted_by_code()
    {
        await using var server = await ScriptedServer.StartAsync();
        var result = await BuiltProgram.Cli.RunAsync(
            "load", ScriptedServer.BusyPrompt, "--server", server.Address, "--rate", "10", "--duration", "0.3");

        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"failed +3 ResourceExhausted", result.Output);
        Assert.Matches("(?m)^answers +0,", result.Output);
    }

    [Theory]
    [Trait("tier", "slow")]
    [InlineData(null, true)]
    [InlineData("1", false)]
    public async Task On_a_terminal_it_shows_how_far_it_is_and_NO_COLOR_takes_the_colours(string? noColor, bool hasColors)
    {
        await using var server = await ScriptedServer.StartAsync();
        using TerminalProcess cli = BuiltProgram.Cli.StartOnTerminal(
            noColor is null ? null : new Dictionary<string, string> { ["NO_COLOR"] = noColor },
            "load", "hello", "--server", server.Address, "--method", "sea[iterations=3]", "--duration", "600", "--rate", "20");
        await cli.UntilAsync("calling the server +━* +[0-9]+% +[0-9]+/600 s");

        await cli.TypeAsync("\u0003");

        Assert.Equal(0, await cli.EndAsync());
        Assert.Matches("(?m)^answers +[1-9]", cli.Text);
        Assert.Equal(hasColors, Regex.IsMatch(cli.Shown, @"\x1b\[[0-9;]*[1-9][0-9;]*m"));
    }

    [Theory]
    [InlineData("--concurrency", "0")]
    [InlineData("--rate", "-1")]
    [InlineData("--duration", "0")]
    public async Task A_plan_that_cannot_be_is_refused(string option, string value)
    {
        var result = await BuiltProgram.Cli.RunAsync("load", option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Error);
    }
}
