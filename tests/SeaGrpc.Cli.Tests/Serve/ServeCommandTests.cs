using System.Text;
using Grpc.Net.Client;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Programs;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Tests.Serve;

/// <summary><c>serve</c> as a program.</summary>
[Trait("tier", "slow")]
public sealed class ServeCommandTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public ServeCommandTests()
    {
        TinyCheckpoint.WritePolicy(Cached("policy"), seed: 1);
        TinyCheckpoint.WriteReward(Cached("reward"), seed: 2);
    }

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Models_of_the_hubs_cache_are_served_by_their_ids_until_a_signal()
    {
        using ProgramProcess process =
            Start("org/policy", "--reward", "org/reward", "--port", "0", "--http-port", "0", "--SeaGrpc:Limits:MaxChains=3");
        List<string> lines = await LinesAsync(process);

        string grpc = lines[0].Split("gRPC on ")[1].Split(',')[0];
        using GrpcChannel channel = GrpcChannel.ForAddress(grpc);
        GetServerInfoResponse info = await new InfoService.InfoServiceClient(channel).GetServerInfoAsync(new GetServerInfoRequest());
        Assert.Equal(["org/policy", "org/reward"], info.Models.Select(model => model.Name));
        Assert.Equal(3, info.Limits.MaxChains);
        string align = $"seagrpc align \"How do I boil an egg?\" --max-tokens 48 --server {grpc}";
        Assert.Contains(lines, line => line.Trim() == align);
        Assert.Contains(lines, line => line.TrimStart().StartsWith("grpcurl -plaintext -d '{\"spec\":", StringComparison.Ordinal));
        string health = lines.Single(line => line.TrimStart().StartsWith("curl ", StringComparison.Ordinal)).Trim()["curl ".Length..];
        using var http = new HttpClient();
        Assert.Equal("Healthy", await http.GetStringAsync(health));

        ProgramResult aligned = await BuiltProgram.Cli.RunAsync(
            "align", "How do I boil an egg?", "--max-tokens", "8", "--server", grpc);
        Assert.Equal((0, ""), (aligned.ExitCode, aligned.Error));

        process.Signal("TERM");
        ProgramResult result = await process.EndAsync();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task OpenAIs_API_is_served_on_a_port_of_its_own_without_HTTP_too()
    {
        using ProgramProcess process = Start(
            "org/policy", "--reward", "org/reward", "--port", "0", "--openai-port", "0", "--SeaGrpc:Transport:Http=none");
        List<string> lines = await LinesAsync(process);

        Assert.Contains("no HTTP, OpenAI's API on http://127.0.0.1:", lines[0], StringComparison.Ordinal);
        string curl = Assert.Single(lines, line => line.TrimStart().StartsWith("curl ", StringComparison.Ordinal));
        string address = curl.Trim().Split(' ')[1];
        string body = lines[lines.IndexOf(curl) + 1].Trim()["-d '".Length..^1];
        using var http = new HttpClient();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(address, content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        process.Signal("TERM");
        Assert.Equal(0, (await process.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Without_a_reward_model_it_says_who_judges()
    {
        using ProgramProcess process = Start(Cached("policy"), "--port", "0", "--http-port", "0");
        await LinesAsync(process);
        process.Signal("TERM");
        ProgramResult result = await process.EndAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("No --reward: the tiny embedded reward model judges", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "'seagrpc pull org/nowhere'", "org/nowhere")]
    [InlineData(1, "no folder, and no model's id", "nowhere")]
    [InlineData(1, "this is a reward model", "org/reward")]
    [InlineData(1, "--reward names a reward model", "org/policy", "--reward", "org/policy")]
    [InlineData(2, "'--bogus' is no option of serve", "org/policy", "--bogus")]
    [InlineData(1, "did you mean SeaGrpc:Limits:MaxChains", "org/policy", "--reward", "org/reward", "--SeaGrpc:Limits:MaxChain=3")]
    [InlineData(2, "--port must be from 0 to 65535", "org/policy", "--port", "70000")]
    [InlineData(2, "--openai-port must be from 0 to 65535", "org/policy", "--openai-port", "70000")]
    public async Task What_cannot_be_served_is_told_with_what_to_do(int exitCode, string told, params string[] arguments)
    {
        using ProgramProcess process = Start(arguments);
        ProgramResult result = await process.EndAsync();
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static async Task<List<string>> LinesAsync(ProgramProcess process)
    {
        var lines = new List<string>();
        while (await process.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line == "Ctrl-C ends it.")
            {
                return lines;
            }
        }

        ProgramResult result = await process.EndAsync();
        throw new InvalidOperationException($"It ended: {string.Join("\n", lines)}\n{result.Error}");
    }

    private string Cached(string name) => _home.File($"hub/models--org--{name}/snapshots/0123abcd");

    private ProgramProcess Start(params string[] arguments) => ProgramProcess.Start(
        Path.Combine(AppContext.BaseDirectory, "seagrpc.dll"),
        start =>
        {
            start.Environment["HF_HOME"] = _home.Path;
            start.Environment.Remove("HF_HUB_CACHE");
        },
        ["serve", .. arguments]);
}
