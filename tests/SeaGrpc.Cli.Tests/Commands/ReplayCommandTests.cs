namespace SeaGrpc.Cli.Tests.Commands;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_recorded_stream_is_answered_again()
    {
        string file = Path.Combine(folder, "run.jsonl");
        await using var server = await ScriptedServer.StartAsync();
        CliResult recorded = await CliProcess.RunAsync("align", "hello", "--iterations", "3", "--server", server.Address, "--json");
        await File.WriteAllTextAsync(file, recorded.Output);

        using CliProcess replay = CliProcess.Start("replay", file, "--port", "0", "--pause", "0");
        string line = (await replay.ReadLineAsync())!;
        string address = line.Split(' ')[^1].TrimEnd('.');
        CliResult again = await CliProcess.RunAsync("align", "anything", "--server", address, "--json");

        Assert.Equal(recorded.Output, again.Output);
        replay.Signal("INT");
        Assert.Equal(0, (await replay.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"sequence\": \"0\"}")]
    [InlineData("")]
    public async Task What_is_no_whole_stream_is_refused(string text)
    {
        string file = Path.Combine(folder, "run.jsonl");
        await File.WriteAllTextAsync(file, text);
        CliResult result = await CliProcess.RunAsync("replay", file, "--port", "0");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("run.jsonl", result.Error);
    }
}
