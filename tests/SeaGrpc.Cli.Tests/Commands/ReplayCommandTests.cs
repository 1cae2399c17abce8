using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Cli.Tests.Commands;

[Trait("tier", "slow")]
public sealed class ReplayCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>With what the console adds to the first event, too.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("""
        "console":{"turns":[{"role":"ROLE_USER","content":"hello"}],"times":[0]},
        """)]
    public async Task A_recorded_stream_is_answered_again(string added)
    {
        string file = Path.Combine(_folder, "run.jsonl");
        await using var server = await ScriptedServer.StartAsync();
        ProgramResult recorded = await BuiltProgram.Cli.RunAsync(
            "align", "hello", "--method", "sea[iterations=3]", "--server", server.Address, "--json");
        await File.WriteAllTextAsync(file, $"{{{added.Trim()}{recorded.Output[1..]}");

        using ProgramProcess replay = BuiltProgram.Cli.Start("replay", file, "--port", "0", "--pause", "0");
        string line = (await replay.ReadLineAsync())!;
        string address = line.Split(' ')[^1].TrimEnd('.');
        ProgramResult again = await BuiltProgram.Cli.RunAsync("align", "anything", "--server", address, "--json");

        Assert.Equal(recorded.Output, again.Output);
        replay.Signal("INT");
        Assert.Equal(0, (await replay.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task It_tells_what_it_is_as_a_server_does()
    {
        string file = Path.Combine(_folder, "run.jsonl");
        await using var server = await ScriptedServer.StartAsync();
        await File.WriteAllTextAsync(
            file,
            (await BuiltProgram.Cli.RunAsync(
                "align", "hello", "--method", "sea[iterations=3]", "--server", server.Address, "--json")).Output);
        using ProgramProcess replay = BuiltProgram.Cli.Start("replay", file, "--port", "0", "--pause", "0");
        string address = (await replay.ReadLineAsync())!.Split(' ')[^1].TrimEnd('.');

        ProgramResult shown = await BuiltProgram.Cli.RunAsync("align", "anything", "--server", address);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains($"on replay at {address}.", shown.Lines[0], StringComparison.Ordinal);
        Assert.Contains("stopped: all iterations done.", shown.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await BuiltProgram.Cli.RunAsync("load", "--server", address, "--duration", "0.2")).ExitCode);

        using GrpcChannel channel = GrpcChannel.ForAddress(address);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            (await new Health.HealthClient(channel).CheckAsync(new() { Service = "sea.v1.AlignmentService" })).Status);
        using var reflection = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "*" });
        Assert.True(await reflection.ResponseStream.MoveNext(default));
        Assert.Superset(
            new HashSet<string>(["grpc.health.v1.Health", "sea.v1.AlignmentService", "sea.v1.InfoService"]),
            reflection.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToHashSet());
    }

    [Fact]
    public async Task A_replay_that_is_cancelled_skips_to_its_end()
    {
        string file = Path.Combine(_folder, "run.jsonl");
        await using var server = await ScriptedServer.StartAsync();
        await File.WriteAllTextAsync(
            file,
            (await BuiltProgram.Cli.RunAsync(
                "align", "hello", "--method", "sea[iterations=3]", "--server", server.Address, "--json")).Output);
        using ProgramProcess replay = BuiltProgram.Cli.Start("replay", file, "--port", "0", "--pause", "3600000");
        string address = (await replay.ReadLineAsync())!.Split(' ')[^1].TrimEnd('.');

        using ProgramProcess cli = BuiltProgram.Cli.Start("align", "anything", "--server", address, "--json");
        await cli.ReadLineAsync();
        cli.Signal("INT");
        ProgramResult result = await cli.EndAsync();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("\"sequence\": \"1\"", result.Lines[^1], StringComparison.Ordinal);
        Assert.Contains("\"final\"", result.Lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"sequence\": \"0\"}")]
    [InlineData("")]
    public async Task What_is_no_whole_stream_is_refused(string text)
    {
        string file = Path.Combine(_folder, "run.jsonl");
        await File.WriteAllTextAsync(file, text);
        ProgramResult result = await BuiltProgram.Cli.RunAsync("replay", file, "--port", "0");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("run.jsonl", result.Error);
    }
}
