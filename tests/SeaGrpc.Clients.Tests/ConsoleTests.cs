using System.Text.Json.Nodes;
using Google.Protobuf;
using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests;

/// <summary>The console in a real Chromium, against real servers. clients/typescript/console/test/drive.ts does it.</summary>
[Trait("tier", "browser")]
public sealed class ConsoleTests(ConsoleFixture servers) : IClassFixture<ConsoleFixture>
{
    [Theory]
    [InlineData("align")]
    [InlineData("compare")]
    [InlineData("parameters")]
    [InlineData("cancel")]
    [InlineData("errors")]
    [InlineData("narrow")]
    [InlineData("accessible")]
    public Task It_does_what_a_person_asks(string scenario) => DriveAsync(scenario);

    [Fact]
    public async Task A_saved_run_is_one_that_the_console_and_other_readers_show_again()
    {
        using var folder = new TemporaryFolder();
        await DriveAsync("replay", folder.Path);

        string[] lines = await File.ReadAllLinesAsync(folder.File("run.jsonl"), TestContext.Current.CancellationToken);
        var parser = new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
        StreamAlignResponse[] events = [.. lines.Select(line => parser.Parse<StreamAlignResponse>(line))];
        Assert.NotNull(events[0].Started);
        Assert.Equal(events[^1].Final.Response.TokenIds.Count, events[^1].Final.TokenFigures.Tokens.Count);
        Assert.Equal(Enumerable.Range(0, events.Length).Select(number => (long)number), events.Select(next => next.Sequence));
    }

    private async Task DriveAsync(string scenario, string? folder = null)
    {
        string dist = Path.Combine(Repository.Root, "clients/typescript/dist");
        string? images = Environment.GetEnvironmentVariable(ConformanceTests.WriteVariable) is null
            ? null
            : Directory.CreateDirectory(Path.Combine(Repository.Root, "docs/images")).FullName;
        var given = new JsonObject
        {
            ["console"] = $"{servers.Console}/console/",
            ["page"] = new Uri(Path.Combine(dist, "console/index.html")).AbsoluteUri,
            ["folder"] = folder ?? Path.GetTempPath(),
            ["other"] = servers.Other,
            ["token"] = ConsoleFixture.Token,
            ["images"] = images,
        };
        string driver = Path.Combine(dist, "console-test/drive.mjs");
        Assert.True(File.Exists(driver), $"{driver} is missing: eng/clients.sh builds it.");
        // What Chromium says, and how its process ended, is in the message of a scenario that fails.
        await new Checkout(Repository.Root).RunAsync("/usr/bin/env", "DEBUG=pw:browser", "node", driver, scenario, given.ToJsonString());
    }
}

/// <summary>A server with the console and the embedded models, and one of another origin that needs a token.</summary>
public sealed class ConsoleFixture : IAsyncLifetime
{
    internal const string Token = "correct-horse";

    private readonly ScriptedRuns _runs = new();
    private TestServer? _console;
    private TestServer? _other;

    internal string Console => _console!.Http;

    internal string Other => _other!.Http;

    public async ValueTask InitializeAsync()
    {
        string models = Path.Combine(AppContext.BaseDirectory, "models");
        string[] embedded = [
            $"Models:Policy={Path.Combine(models, "tiny-policy")}", $"Models:Reward={Path.Combine(models, "tiny-reward")}"];
        _console = await TestServer.StartAsync(_runs.Script, [.. embedded, "Transport:Console=true"]);
        _other = await TestServer.StartAsync(
            _ => null, [.. embedded, $"Security:AuthToken={Token}", $"Transport:WebOrigins={_console.Http}"]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestServer server in new[] { _console, _other }.OfType<TestServer>())
        {
            await server.DisposeAsync();
        }
    }
}
