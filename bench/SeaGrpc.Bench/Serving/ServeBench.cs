using SeaGrpc.Cli.Connections;
using SeaGrpc.Modeling;
using SeaGrpc.Server;

namespace SeaGrpc.Bench.Serving;

/// <summary>Measures a sidecar inside this process, on a real Kestrel, and an engine beside it that is driven directly.</summary>
/// <param name="folder">The folder with the folders policy and reward.</param>
/// <param name="options">Where and how to load them.</param>
/// <param name="threads">Threads of a tensor operation; 0 is the server's choice.</param>
/// <param name="clock">What time the gRPC layer's share is of; the processor's holds the caller's side too, which is in this
/// process.</param>
/// <param name="socket">Whether gRPC listens on a Unix socket; otherwise on a free loopback port.</param>
internal sealed class ServeBench(string folder, ModelLoadOptions options, int threads, BenchClock clock, bool socket)
{
    /// <summary>Runs it all.</summary>
    /// <param name="concurrencies">Numbers of calls at once.</param>
    /// <param name="jobs">Jobs of each, at least the number of calls at once.</param>
    /// <param name="make">Creates the given number of jobs.</param>
    public async Task<ServeFigures> MeasureAsync(IReadOnlyList<int> concurrencies, int jobs, Func<int, ServeJob[]> make)
    {
        string socketFolder = Directory.CreateTempSubdirectory("seagrpc-").FullName;
        try
        {
            var settings = new Dictionary<string, string?>
            {
                ["SeaGrpc:Models:Policy"] = Path.Combine(folder, "policy"),
                ["SeaGrpc:Models:Reward"] = Path.Combine(folder, "reward"),
                ["SeaGrpc:Models:Device"] = options.Device,
                ["SeaGrpc:Models:Dtype"] = options.Dtype.ToString(),
                ["SeaGrpc:Models:Threads"] = threads.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["SeaGrpc:Engine:QueueTimeout"] = "01:00:00",
                ["SeaGrpc:Engine:MaxConcurrentJobs"] = Math.Clamp(concurrencies.Max(), 1, 256)
                    .ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["SeaGrpc:Engine:MaxQueuedJobs"] = Math.Max(64, concurrencies.Max())
                    .ToString(System.Globalization.CultureInfo.InvariantCulture),
            };
            if (socket)
            {
                settings["SeaGrpc:Transport:Grpc"] = "unix:" + Path.Combine(socketFolder, "grpc.sock");
            }

            await using Sidecar sidecar = await EmbeddedSidecar.StartAsync(verbose: false, settings);
            using var connection = new SidecarConnection(ServerAddress.Parse(sidecar.Address)!, token: null);
            var caller = new GrpcCaller(connection);
            await using var direct = new DirectCaller(folder, options);
            await direct.Loaded;
            return await MeasureAsync(caller, direct, concurrencies, jobs, make);
        }
        finally
        {
            Directory.Delete(socketFolder, recursive: true);
        }
    }

    private async Task<ServeFigures> MeasureAsync(
        GrpcCaller caller, DirectCaller direct, IReadOnlyList<int> concurrencies, int jobs, Func<int, ServeJob[]> make)
    {
        ServeJob[] few = make(jobs);
        await caller.RunAsync(few[0]);
        await direct.RunAsync(few[0]);
        ErrorLines.Write("one job after another, over gRPC and directly");
        LayerShare layer = await ShareAsync(caller, direct, few);
        List<ServeLevel> levels = [];
        foreach (int concurrency in concurrencies)
        {
            ErrorLines.Write($"{concurrency} at once");
            (_, double sequential) = await caller.RunAsync(few, 1);
            (JobTimes[] times, double wall) = await caller.RunAsync(make(Math.Max(jobs, concurrency)), concurrency);
            levels.Add(ServeLevel.Of(concurrency, times, wall, few.Length / sequential));
        }

        return new ServeFigures(levels, layer);
    }

    // In turns, and each first every other time, so that both see the same machine.
    private async Task<LayerShare> ShareAsync(GrpcCaller caller, DirectCaller direct, ServeJob[] jobs)
    {
        List<(double Grpc, double Direct)> pairs = [];
        for (int index = 0; index < jobs.Length; index++)
        {
            ServeJob job = jobs[index];
            double before = index % 2 == 0 ? await TimeAsync(() => direct.RunAsync(job)) : 0;
            double grpc = await TimeAsync(() => caller.RunAsync(job));
            pairs.Add((grpc, index % 2 == 0 ? before : await TimeAsync(() => direct.RunAsync(job))));
        }

        return new LayerShare(
            jobs.Length,
            Median.Of(pairs.Select(pair => pair.Grpc)),
            Median.Of(pairs.Select(pair => pair.Direct)),
            Median.Of(pairs.Select(pair => 1 - (pair.Direct / pair.Grpc))));
    }

    private async Task<double> TimeAsync(Func<Task> job)
    {
        Func<TimeSpan> reading = clock.Reading();
        TimeSpan start = reading();
        await job();
        return (reading() - start).TotalSeconds;
    }
}
