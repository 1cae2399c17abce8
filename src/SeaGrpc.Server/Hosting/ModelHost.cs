using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Server.Hosting;

/// <summary>Makes the backend that the engine drives of the loaded models.</summary>
/// <param name="models">The models, to be owned by the backend.</param>
public delegate IAlignmentBackend BackendFactory(AlignmentModels models);

/// <summary>Owns the engine, and tells what it has loaded.</summary>
internal sealed class ModelHost : IAsyncDisposable
{
    private readonly ModelOptions _options;
    private readonly BackendFactory _makeBackend;
    private volatile ServedModels? _served;

    /// <summary>Starts the engine, which begins to load the models.</summary>
    public ModelHost(
        IOptions<ModelOptions> options, IOptions<EngineOptions> engine, BackendFactory makeBackend, ILogger<AlignmentEngine> logger)
    {
        _options = options.Value;
        _makeBackend = makeBackend;
        Engine = new AlignmentEngine(Load, engine.Value, logger: logger);
    }

    /// <summary>Runs the alignments.</summary>
    public AlignmentEngine Engine { get; }

    /// <summary>The loaded models.</summary>
    /// <exception cref="EngineUnavailableException">They are not loaded yet.</exception>
    public ServedModels Served => _served ?? throw new EngineUnavailableException(EngineState.Loading);

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private IAlignmentBackend Load()
    {
        if (_options.Threads > 0)
        {
            ComputeThreads.Set(_options.Threads);
        }

        var options = new ModelLoadOptions(_options.Device, _options.Dtype);
        PolicyModel policy = PolicyModel.Load(_options.Policy, options);
        IReadOnlyList<double> shares;
        AlignmentModels models;
        try
        {
            (IReadOnlyList<IReward> rewards, shares) = RewardLoading.Load(_options);
            models = new AlignmentModels(policy, rewards);
        }
        catch
        {
            policy.Dispose();
            throw;
        }

        _served = ServedModels.Of(models, shares);
        return _makeBackend(models);
    }
}
