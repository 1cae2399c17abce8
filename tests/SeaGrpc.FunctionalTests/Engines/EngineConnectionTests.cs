using SeaGrpc.Alignment.Policies;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Options;

namespace SeaGrpc.FunctionalTests.Engines;

/// <summary>How requests reach an engine: together, on kept connections, and only the engine that was checked.</summary>
public sealed class EngineConnectionTests : IDisposable
{
    private const int Rows = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TinyFolders _folders = new();
    private readonly PolicyModel _model;
    private readonly int[] _prompt;

    public EngineConnectionTests()
    {
        _model = PolicyModel.Load(_folders.Policy, new ModelLoadOptions("cpu", ModelDtype.Float32));
        _prompt = _model.Tokenizer.Encode("Hello there");
    }

    public void Dispose()
    {
        _model.Dispose();
        _folders.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_rows_of_a_batch_are_at_the_engine_at_once_on_connections_that_are_kept(bool http2)
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model, http2: http2);
        using EnginePolicy engine = Open(host, options => options with { Http2 = http2 });
        for (int batch = 0; batch < 3; batch++)
        {
            host.OnCall = Gathering(Rows);
            Assert.Equal(Rows, (await DrawAsync(engine, Rows).WaitAsync(Patience)).Rows.Count);
        }

        Assert.Equal(http2 ? "HTTP/2" : "HTTP/1.1", Assert.Single(host.Connections.Values.Distinct()));
        Assert.InRange(host.Connections.Count, 1, http2 ? 1 : Rows);
        Assert.Equal(engine.Connects, host.Connections.Count);
        Assert.Equal(0, engine.Losses);
    }

    [Fact]
    public async Task No_more_rows_are_at_the_engine_than_there_may_be_connections()
    {
        await using EngineHost host = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using EnginePolicy engine = Open(host, options => options with { Connections = 3 });
        int now = 0;
        int most = 0;
        host.OnCall = async (_, stop) =>
        {
            int own = Interlocked.Increment(ref now);
            InterlockedMax(ref most, own);
            await Task.Delay(5, stop);
            Interlocked.Decrement(ref now);
        };
        await DrawAsync(engine, Rows).WaitAsync(Patience);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task An_engine_that_comes_back_as_the_same_is_asked_on()
    {
        await using EngineHost first = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using GuardedPolicy guarded = await GuardAsync(first);
        await DrawAsync(guarded, 2);
        await using EngineHost second = await RestartAsync(first);
        Assert.Equal(2, (await DrawAsync(guarded, 2)).Rows.Count);
        Assert.Null(guarded.Trouble);
    }

    [Theory]
    [InlineData("other", "", "serves another model than before")]
    [InlineData("tiny", "x", "has another tokenizer than the policy's folder")]
    public async Task No_answer_counts_from_an_engine_that_came_back_as_another(string name, string quirk, string told)
    {
        await using EngineHost first = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using GuardedPolicy guarded = await GuardAsync(first);
        await DrawAsync(guarded, 2);
        await using EngineHost second = await RestartAsync(first);
        second.Name = name;
        second.TokenizerQuirk = quirk;
        PolicyFailedException failure = await Assert.ThrowsAsync<PolicyFailedException>(() => DrawAsync(guarded, 2));
        Assert.Contains(told, failure.Message);
        Assert.True(failure.IsMalformed);
    }

    [Fact]
    public async Task A_lost_connection_is_followed_by_the_whole_check()
    {
        await using EngineHost first = await EngineHost.StartAsync(EngineKind.Vllm, _model);
        using GuardedPolicy guarded = await GuardAsync(first);
        int port = new Uri(first.Address).Port;
        await first.DisposeAsync();
        await Assert.ThrowsAsync<PolicyFailedException>(() => DrawAsync(guarded, 1));
        await using EngineHost second = await EngineHost.StartAsync(EngineKind.Vllm, _model, port);
        second.TellsProcessed = true;
        Assert.Contains(
            "--logprobs-mode raw_logprobs", (await Assert.ThrowsAsync<PolicyFailedException>(() => DrawAsync(guarded, 1))).Message);
    }

    // Every request waits until so many are there.
    private static Func<string, CancellationToken, Task> Gathering(int count)
    {
        var all = new TaskCompletionSource();
        int waiting = 0;
        return async (_, stop) =>
        {
            if (Interlocked.Increment(ref waiting) == count)
            {
                all.TrySetResult();
            }

            await all.Task.WaitAsync(Patience, stop);
        };
    }

    private static void InterlockedMax(ref int most, int own)
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref most);
        }
        while (own > seen && Interlocked.CompareExchange(ref most, own, seen) != seen);
    }

    private static EnginePolicy Open(EngineHost host, Func<PolicyEngineOptions, PolicyEngineOptions>? change = null)
    {
        var options = new PolicyEngineOptions { Endpoint = host.Address, Alternatives = 5 };
        return new EnginePolicy(change is null ? options : change(options));
    }

    private async Task<GuardedPolicy> GuardAsync(EngineHost host)
    {
        EnginePolicy engine = Open(host, options => options with { Attempts = 1 });
        var check = new EngineCheck(engine, _model.Tokenizer);
        await check.RunAsync(default);
        return new GuardedPolicy(engine, check, TimeSpan.FromMinutes(5), (_, _) => { });
    }

    private async Task<EngineHost> RestartAsync(EngineHost host)
    {
        int port = new Uri(host.Address).Port;
        await host.DisposeAsync();
        return await EngineHost.StartAsync(EngineKind.Vllm, _model, port);
    }

    private Task<PolicyAnswer<DrawnTokens>> DrawAsync(IPolicy engine, int rows) => engine.ContinueAsync(
        [.. Enumerable.Range(1, rows).Select(seed => new RowToContinue(_prompt, (ulong)seed))],
        new TokenDrawing(MaxTokens: 3, Temperature: 1, TopK: 0, Alternatives: 2, _model.Tokenizer.EosIds, []),
        default);
}
