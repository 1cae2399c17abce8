using System.Text.Json;
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
