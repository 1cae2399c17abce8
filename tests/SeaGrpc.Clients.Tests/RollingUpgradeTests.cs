using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Clients.Tests;

/// <summary>Servers replaced one after another behind one address, as a rolling update does.</summary>
public sealed class RollingUpgradeTests
{
    private const int Calls = 1000;
    private const int Upgrades = 3;

    private const string Program = """
        import concurrent.futures
        from seagrpc import Client, v1

        def align(number):
            spec = v1.AlignmentSpec(prompt=v1.Prompt(text="Hello"), base=v1.BaseParameters(), seed=number + 1)
            try:
                client.align(spec)
            except Exception as failure:
                return repr(failure)

        with Client("{address}", timeout=120) as client, concurrent.futures.ThreadPoolExecutor(8) as threads:
            failures = [failure for failure in threads.map(align, range({calls})) if failure]
        print(len(failures), "failed", failures[:3])
        """;

    [Fact]
    public async Task No_call_is_lost_while_servers_are_replaced_under_load()
    {
        using var folder = new TemporaryFolder();
        using var tiny = new TinyFolders();
        int ended = 0;
        Task<TestServer> StartAsync() => TestServer.StartAsync(
            task => task.Seed == 0
                ? null
                : new ScriptedRun { Iterations = 3, OnAdvance = _ => Thread.Sleep(1), OnDispose = _ => Interlocked.Increment(ref ended) },
            [$"Models:Policy={tiny.Policy}", $"Models:Reward={tiny.Reward}"]);
        TestServer server = await StartAsync();
        await using var service = new ServiceAddress(server.Grpc);
        string program = Program.Replace("{address}", service.Address, StringComparison.Ordinal)
            .Replace("{calls}", $"{Calls}", StringComparison.Ordinal);

        Task<string> load = Programs.RunAsync("python", program, folder.Path);
        for (int upgrade = 1; upgrade <= Upgrades; upgrade++)
        {
            while (Volatile.Read(ref ended) < upgrade * Calls / (Upgrades + 1) && !load.IsCompleted)
            {
                await Task.Delay(5);
            }

            TestServer next = await StartAsync();
            service.Point(next.Grpc);
            await server.DisposeAsync(); // As SIGTERM does: it drains.
            server = next;
        }

        string said = await load;
        await server.DisposeAsync();
        Assert.StartsWith("0 failed ", said, StringComparison.Ordinal);
        Assert.True(ended >= Calls, $"Only {ended} runs.");
    }
}
