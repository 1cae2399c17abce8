using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
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
    /// <summary>From so many weights on, a product is large enough for several threads.</summary>
    private const long ManyWeights = 20_000_000;

    private readonly ModelOptions _options;
    private readonly BackendFactory _makeBackend;
    private readonly Lazy<AlignmentEngine> _engine;
    private volatile ServedModels? _served;

    /// <summary>Checks the options; nothing is loaded yet.</summary>
    public ModelHost(
        IOptions<ModelOptions> options,
        IOptions<EngineOptions> engine,
        BackendFactory makeBackend,
        TimeProvider time,
        ILogger<AlignmentEngine> logger)
    {
        _options = options.Value;
        _makeBackend = makeBackend;
        EngineOptions engineOptions = engine.Value;
        _engine = new Lazy<AlignmentEngine>(() => new AlignmentEngine(Load, engineOptions, time, logger));
    }

    /// <summary>
    /// Runs the alignments; whoever asks first lets it begin to load the models. That is after the host has started: a process that
    /// ends while another thread is in native code may crash, and one that cannot start ends at once.
    /// </summary>
    public AlignmentEngine Engine => _engine.Value;

    /// <summary>The loaded models.</summary>
    /// <exception cref="EngineUnavailableException">They are not loaded yet.</exception>
    public ServedModels Served => _served ?? throw new EngineUnavailableException(EngineState.Loading);

    public ValueTask DisposeAsync() => _engine.IsValueCreated ? Engine.DisposeAsync() : ValueTask.CompletedTask;

    private IAlignmentBackend Load()
    {
        var options = new ModelLoadOptions(_options.Device, _options.Dtype);
        PolicyModel policy = PolicyModel.Load(_options.Policy, options);
        AlignmentModels models;
        try
        {
            models = new AlignmentModels(policy, RewardModel.Load(_options.Reward, options));
        }
        catch
        {
            policy.Dispose();
            throw;
        }

        if (_options.Threads > 0)
        {
            ComputeThreads.Set(_options.Threads);
        }
        else if (policy.Description.ParameterCount < ManyWeights)
        {
            ComputeThreads.Set(1);
        }

        _served = ServedModels.Of(models);
        return _makeBackend(models);
    }
}
