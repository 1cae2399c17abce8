using System.Collections.Concurrent;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Pairs;

/// <summary>Models that are replaced while calls are served: docs/operations.md.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task A_link_that_leads_elsewhere_replaces_the_models_under_running_calls()
    {
        using var folders = new PairFolders();
        using var tiny = new TinyFolders();
        string first = folders.Policy("v1", 11);
        string second = folders.Policy("v2", 12);
        string live = folders.Link("live", first);
        using ServerProcess process = ServerProcess.Start(
            tiny, $"Models:Policy={live}", "Models:PolicyName=live", "Models:ReloadInterval=00:00:00.1");
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        var client = new AlignmentService.AlignmentServiceClient(channel);
        var answers = new ConcurrentBag<(string Hash, string Answer)>();
        using var stop = new CancellationTokenSource();
        Task[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                AlignResponse response = await client.AlignAsync(new AlignRequest { Spec = Specs.Sea() });
                answers.Add((response.Started.PolicySha256, Told(response)));
            }
        }))];
        await Idle.UntilAsync(() => answers.Count > 8);
        folders.Link("live", second);
        await Idle.UntilAsync(() => answers.Select(answer => answer.Hash).Distinct().Count() == 2);
        folders.Link("live", first);
        await process.LineAsync("its old models are freed");
        int before = answers.Count;
        await Idle.UntilAsync(() => answers.Count > before + 8);
        await stop.CancelAsync();
        await Task.WhenAll(callers); // Every call has its answer.

        // The same seed and the same weights give the same answer: none comes from weights of both.
        Assert.All(answers.GroupBy(answer => answer.Hash), group => Assert.Single(group.Select(answer => answer.Answer).Distinct()));
        Assert.Equal(2, answers.Select(answer => answer.Answer).Distinct().Count());
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());

        static string Told(AlignResponse response) => $"{response.Final.Response}";
    }

    [Fact]
    public async Task SIGHUP_loads_the_models_again_and_the_memory_of_the_old_ones_returns()
    {
        const int Reloads = 4;
        const int MiB = 1 << 20;

        // About 110 MiB of weights in matrices over 32 MiB: of smaller ones, the C library keeps some for the next.
        var shape = new TinyShape(Hidden: 1024, Layers: 1, HeadSize: 64, FeedForward: 9216);
        using var folders = new PairFolders();
        using var tiny = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(
            tiny, $"Models:Policy={folders.Policy("policy", 11, shape)}", "Models:ReloadInterval=0");
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        var client = new AlignmentService.AlignmentServiceClient(channel);
        string answer = await AnswerAsync();
        long after = 0;
        for (int reload = 1; reload <= Reloads; reload++)
        {
            if (reload == 3)
            {
                TinyCheckpoint.WritePolicy(folders.Path("policy"), 12, shape);
            }

            process.HangUp();
            await Idle.UntilAsync(
                () => process.Output.Split("its old models are freed").Length == reload + 1, () => $"Reload {reload}: {process.Output}");
            Assert.Equal(reload < 3, answer == await AnswerAsync());
            after = reload == 2 ? process.Resident() : after;
        }

        long grown = process.Resident() - after;
        Assert.True(grown < 100 * MiB, $"It holds {grown / MiB} MiB more after {Reloads - 2} more reloads.");
        process.Terminate();
        Assert.Equal(0, await process.ExitAsync());

        async Task<string> AnswerAsync() =>
            (await client.AlignAsync(new AlignRequest { Spec = Specs.Sea(iterations: 1) })).Final.Response.ToString();
    }

    [Fact]
    public async Task A_call_that_runs_ends_on_the_old_models_and_new_ones_begin_on_the_new()
    {
        using var folders = new PairFolders();
        using var runs = new GatedRuns { Iterations = 1 };
        string first = folders.Policy("v1", 11);
        string second = folders.Policy("v2", 12);
        await using RunningServer server = await RunningServer.StartAsync(
            task => task.Seed == 99 ? runs.Script(task) : null,
            $"Models:Policy={folders.Link("live", first)}", "Models:ReloadInterval=00:00:00.05");
        AlignmentSpec held = Specs.Sea();
        held.Seed = 99;
        string old = await LoadedAsync();
        Task<AlignResponse> running = server.AlignAsync(held);
        await runs.Gate.ArrivalAsync(); // Nothing else runs on the old models meanwhile.

        folders.Link("live", second);
        string loaded;
        do
        {
            loaded = await LoadedAsync();
        }
        while (loaded == old);

        Assert.Equal(loaded, (await server.AlignAsync(Specs.Sea())).Started.PolicySha256);
        Assert.False(running.IsCompleted);
        Assert.Equal(2, server.Models.Engines.Count);
        runs.Gate.Open();
        Assert.Equal(old, (await running).Started.PolicySha256);
        await Idle.UntilAsync(() => server.Models.Engines.Count == 1);

        async Task<string> LoadedAsync() => (await server.Info.GetServerInfoAsync(new())).Models[0].Sha256;
    }

    [Fact]
    public async Task Models_that_do_not_fit_twice_are_replaced_once_the_calls_on_the_old_ones_have_ended()
    {
        using var folders = new PairFolders();
        using var runs = new GatedRuns { Iterations = 1 };
        string first = folders.Policy("v1", 11, PairFolders.Large);
        string second = folders.Policy("v2", 12, PairFolders.Large);
        await using RunningServer server = await RunningServer.StartAsync(
            task => task.Seed == 99 ? runs.Script(task) : null,
            $"Models:Policy={folders.Link("live", first)}", "Models:ReloadInterval=00:00:00.05", "Models:MemoryMiB=3");
        AlignmentSpec held = Specs.Sea();
        held.Seed = 99;
        Task<AlignResponse> running = server.AlignAsync(held);
        await runs.Gate.ArrivalAsync();

        folders.Link("live", second);
        PairInfo pair;
        do
        {
            pair = (await server.Info.GetServerInfoAsync(new())).Pairs[0];
        }
        while (pair.State == PairState.Loaded);

        Assert.Equal(PairState.Loading, pair.State);
        Assert.False(server.Service<SeaGrpc.Server.Models.ServerReadiness>()!.IsServing);
        Task<AlignResponse> waiting = server.AlignAsync(Specs.Sea());
        Assert.False(running.IsCompleted);
        runs.Gate.Open();
        string old = (await running).Started.PolicySha256;
        string hash = (await waiting).Started.PolicySha256;
        Assert.NotEqual(old, hash);
        Assert.True(server.Service<SeaGrpc.Server.Models.ServerReadiness>()!.IsServing);
        Assert.Single(server.Models.Engines);
    }

    [Fact]
    public async Task Models_that_cannot_be_loaded_leave_the_old_ones_in_use()
    {
        using var folders = new PairFolders();
        using var tiny = new TinyFolders();
        string first = folders.Policy("v1", 11);
        string broken = folders.Policy("v2", 12);
        File.WriteAllText(Path.Combine(broken, "config.json"), "{");
        string third = folders.Policy("v3", 13);
        string live = folders.Link("live", first);
        using ServerProcess process = ServerProcess.Start(tiny, $"Models:Policy={live}", "Models:ReloadInterval=00:00:00.1");
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        var client = new AlignmentService.AlignmentServiceClient(channel);
        string old = await HashAsync();
        folders.Link("live", broken);
        string said = await process.LineAsync("could not be loaded again");
        Assert.Contains("config.json", said, StringComparison.Ordinal);
        Assert.Equal(old, await HashAsync());
        folders.Link("live", third);
        await process.LineAsync("its old models are freed");
        Assert.NotEqual(old, await HashAsync());

        async Task<string> HashAsync() =>
            (await client.AlignAsync(new AlignRequest { Spec = Specs.Sea() })).Started.PolicySha256;
    }
}
