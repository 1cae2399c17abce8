using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Tls;
using SeaGrpc.V1;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>Every server that the cases name.</summary>
internal sealed class ConformanceServers : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyFolders _tiny = new();
    private readonly SemaphoreSlim _loaded = new(0);
    private readonly List<IAsyncDisposable> _servers = [];

    private ConformanceServers()
    {
    }

    public ScriptedRuns Runs { get; } = new();

    public ReplayServer Replay { get; private set; } = null!;

    public TestServer Plain { get; private set; } = null!;

    /// <summary>What stands for a word with an at sign in a case.</summary>
    public IReadOnlyDictionary<string, string> Names { get; private set; } = null!;

    /// <summary>The same for a page: HTTP addresses, of the servers that have one.</summary>
    public IReadOnlyDictionary<string, string> WebNames { get; private set; } = null!;

    public static async Task<ConformanceServers> StartAsync()
    {
        var servers = new ConformanceServers();
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority("SeaGrpc other root");
        await File.WriteAllTextAsync(servers._folder.File("root.pem"), authority.RootPem);
        await File.WriteAllTextAsync(servers._folder.File("stranger.pem"), stranger.RootPem);
        string models = Path.Combine(AppContext.BaseDirectory, "models");
        string[] embedded = [
            $"Models:Policy={Path.Combine(models, "tiny-policy")}", $"Models:Reward={Path.Combine(models, "tiny-reward")}"];
        string[] other = [$"Models:Pairs:other:Policy={servers._tiny.Policy}", $"Models:Pairs:other:Reward={servers._tiny.Reward}"];
        string[] tiny = [
            $"Models:Policy={servers._tiny.Policy}", $"Models:Reward={servers._tiny.Reward}", "Engine:MaxConcurrentJobs=1",
            "Transport:WebOrigins=*"];
        servers.Replay = servers.Own(await ReplayServer.StartAsync());
        servers.Plain = servers.Own(await TestServer.StartAsync(
            servers.Runs.Script,
            [.. embedded, .. other, "Engine:MaxConcurrentJobs=16", "Engine:ReplayLifetime=1.00:00:00", "Transport:WebOrigins=*"],
            authority.Server().WithKey(), servers._folder.File("sea.sock")));
        TestServer token = servers.Own(await TestServer.StartAsync(_ => null, [.. tiny, "Security:AuthToken=correct-horse"]));
        TestServer full = servers.Own(await TestServer.StartAsync(servers.Runs.ScriptEndless, [.. tiny, "Engine:MaxQueuedJobs=0"]));
        TestServer queue = servers.Own(await TestServer.StartAsync(servers.Runs.ScriptEndless, tiny));
        TestServer loading = servers.Own(await TestServer.StartAsync(
            _ =>
            {
                servers._loaded.Wait();
                return null;
            },
            tiny,
            wait: false));
        await full.HoldAsync(Endless("full"));
        await queue.HoldAsync(Endless("queue"));
        await servers.Plain.HoldAsync(Endless("held"));
        await servers.Plain.Alignment.AlignAsync(new AlignRequest
        {
            Spec = new AlignmentSpec { Prompt = new Prompt { Text = "One" }, Base = new BaseParameters(), RequestId = "finished" },
        });
        servers.Names = new Dictionary<string, string>
        {
            ["@plain"] = servers.Plain.Grpc,
            ["@tls"] = servers.Plain.Tls,
            ["@unix"] = servers.Plain.Unix,
            ["@token"] = token.Grpc,
            ["@full"] = full.Grpc,
            ["@queue"] = queue.Grpc,
            ["@loading"] = loading.Grpc,
            ["@replay"] = servers.Replay.Address,
            ["@nobody"] = "http://127.0.0.1:9",
            ["@root"] = servers._folder.File("root.pem"),
            ["@stranger"] = servers._folder.File("stranger.pem"),
            ["@host-and-port"] = new Uri(servers.Plain.Grpc).Authority,
            ["@upper-case"] = $"HTTP://{new Uri(servers.Plain.Grpc).Authority}/",
            ["@unix-slashes"] = $"unix://{servers.Plain.Unix["unix:".Length..]}",
            ["@empty"] = "",
            ["@with-path"] = "http://localhost:50051/sea",
            ["@unix-without-path"] = "unix:",
            ["@unix-of-a-host"] = "unix://host/sea.sock",
        };
        servers.WebNames = new Dictionary<string, string>
        {
            ["@plain"] = servers.Plain.Http,
            ["@token"] = token.Http,
            ["@full"] = full.Http,
            ["@queue"] = queue.Http,
            ["@loading"] = loading.Http,
            ["@nobody"] = "http://127.0.0.1:9",
            ["@host-and-port"] = new Uri(servers.Plain.Http).Authority,
            ["@upper-case"] = $"HTTP://{new Uri(servers.Plain.Http).Authority}/",
        };
        return servers;
    }

    /// <summary>Starts what the cases of a language find running.</summary>
    public Task PrepareAsync(string language) => Plain.HoldAsync(Endless($"running-{language}"));

    public async ValueTask DisposeAsync()
    {
        _loaded.Release();
        foreach (IAsyncDisposable server in _servers)
        {
            await server.DisposeAsync();
        }

        _loaded.Dispose();
        _tiny.Dispose();
        _folder.Dispose();
    }

    private static AlignmentSpec Endless(string requestId) => new()
    {
        Prompt = new Prompt { Text = "a" },
        Sea = new SeaParameters(),
        Seed = 9005,
        RequestId = requestId,
    };

    private TServer Own<TServer>(TServer server)
        where TServer : IAsyncDisposable
    {
        _servers.Add(server);
        return server;
    }
}
