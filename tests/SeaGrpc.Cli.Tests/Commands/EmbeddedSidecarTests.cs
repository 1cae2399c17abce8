using System.Text.Json;
using SeaGrpc.Server;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

/// <summary>The real sidecar with the embedded models, in the command line's process and in another one.</summary>
[Trait("tier", "slow")]
public sealed class EmbeddedSidecarTests
{
    private const string Prompt = "The pillow that you sold me is faulty!";

    [Fact]
    public async Task Demo_shows_draft_answer_and_what_to_try_next_without_control_codes()
    {
        var result = await BuiltProgram.Cli.RunAsync("demo");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.StartsWith("Models: policy tiny-policy (", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains(result.Lines, line => line.StartsWith("DRAFT   reward ", StringComparison.Ordinal));
        Assert.Contains(result.Lines, line => line.StartsWith("ANSWER  reward ", StringComparison.Ordinal));
        Assert.StartsWith("Next: ", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_serves_until_an_interrupt()
    {
        using var cli = BuiltProgram.Cli.Start("demo", "--serve");
        var line = "";
        while (!line.Contains("curl ", StringComparison.Ordinal))
        {
            line = (await cli.ReadLineAsync())!;
        }

        using var client = new HttpClient();
        var models = await client.GetStringAsync(new Uri(line.Split("curl ")[1].Split("/v1/")[0] + "/v1/models"));
        cli.Signal("INT");
        var result = await cli.EndAsync();

        Assert.Contains("tiny-policy:energy_search", models, StringComparison.Ordinal);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_backend_is_for_a_demo_that_serves()
    {
        var result = await BuiltProgram.Cli.RunAsync("demo", "--upstream", "http://127.0.0.1:1/v1");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--upstream is for --serve: add it.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sea[iterations=2]")]
    [InlineData("best-of-n[sample-count=4]")]
    [InlineData("energy_search[iterations=2,budget_tokens=200]")]
    [InlineData(
        "sea[preset=langevin,iterations=2,chains=1,draft_samples=2,initialization=random,reference=none,noise=langevin,embedding_noise=0]")]
    [InlineData("args[candidates=4,guidance_weight=4,prefix_scoring=raw]")]
    [InlineData("chunk_beam_search[beam_width=2,samples_per_beam=2,chunk_tokens=20,prefix_scoring=rollout,rollouts=2]")]
    [InlineData("base", "--max-tokens", "8")]
    public async Task Every_method_ends_with_an_answer_no_worse_than_its_draft(string method, params string[] more)
    {
        var result = await BuiltProgram.Cli.RunAsync(["align", Prompt, "--json", "--seed", "1", "--method", method, .. more]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var events = result.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            Enumerable.Range(0, events.Length).Select(number => number.ToString()),
            events.Select(item => item.GetProperty("sequence").GetString()));
        var final = events[^1].GetProperty("final");
        Assert.True(Reward(final, "response") >= Reward(final, "draft"));
    }

    [Fact]
    public async Task An_interrupt_in_the_middle_ends_with_the_best_answer_so_far()
    {
        using var cli = BuiltProgram.Cli.Start("align", Prompt, "--json", "--method", "sea[preset=paper,iterations=1000]");
        while (!(await cli.ReadLineAsync())!.Contains("\"iteration\"", StringComparison.Ordinal))
        {
        }

        cli.Signal("INT");
        var result = await cli.EndAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var final = JsonDocument.Parse(result.Lines[^1]).RootElement.GetProperty("final");
        Assert.Equal("STOP_REASON_CANCELLED", final.GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task A_parameter_out_of_range_is_named()
    {
        var result = await BuiltProgram.Cli.RunAsync("align", Prompt, "--json", "--method", "sea[chains=1000,iterations=100000]");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("\n  spec.sea.chains: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("\n  spec.sea.iterations: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_on_a_unix_socket_answers_whom_it_knows()
    {
        var socket = Path.Combine(Path.GetTempPath(), $"seagrpc-{Guid.NewGuid():N}.sock");
        var settings = new Dictionary<string, string?>
        {
            ["SeaGrpc:Transport:Grpc"] = "unix:" + socket,
            ["SeaGrpc:Security:AuthToken"] = "a-long-token",
            ["SeaGrpc:Models:Threads"] = "1",
        };
        await using var sidecar = await Sidecar.StartAsync(settings);

        var known = await BuiltProgram.Cli.RunAsync(
            "align", Prompt, "--method", "base", "--server", "unix:" + socket, "--token", "a-long-token");
        var unknown = await BuiltProgram.Cli.RunAsync("align", Prompt, "--method", "base", "--server", "unix:" + socket);

        Assert.Equal((0, ""), (known.ExitCode, known.Error));
        Assert.Equal(1, unknown.ExitCode);
        Assert.StartsWith("The server answers UNAUTHENTICATED: ", unknown.Error, StringComparison.Ordinal);
    }

    private static double Reward(JsonElement final, string which) => final.GetProperty(which).GetProperty("reward").GetDouble();
}
