using System.Diagnostics;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Jobs;

namespace SeaGrpc.Bench.Serving;

/// <summary>Runs jobs on an engine of its own, without gRPC: what the layer above it costs is the difference.</summary>
internal sealed class DirectCaller : IAsyncDisposable
{
    private readonly AlignmentEngine _engine;
    private PromptEncoder? _prompts;

    /// <summary>Starts the engine, which loads the models.</summary>
    /// <param name="folder">The folder with the folders policy and reward.</param>
    /// <param name="options">Where and how to load them.</param>
    public DirectCaller(string folder, ModelLoadOptions options) => _engine = new AlignmentEngine(() =>
    {
        AlignmentModels models = BenchShapes.Load(folder, options);
        _prompts = models.Prompts;
        return models;
    });

    /// <summary>Completes when the models are loaded.</summary>
    public Task Loaded => _engine.Loaded;

    /// <summary>Runs one job: slot, tokens, every event, end.</summary>
    public async Task<JobTimes> RunAsync(ServeJob job)
    {
        long start = Stopwatch.GetTimestamp();
        double first = 0;
        using JobSlot slot = _engine.Reserve();
        AlignmentJob running = slot.Submit(job.Task(_prompts!));
        await foreach (AlignmentUpdate next in running.ReadAllAsync())
        {
            if (next is DraftUpdate)
            {
                first = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        return new JobTimes(first, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
