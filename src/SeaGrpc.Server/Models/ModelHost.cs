using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Server.Models;

/// <summary>Creates the backend that the engine drives from the loaded models.</summary>
/// <param name="models">The models, which the backend then owns.</param>
public delegate IAlignmentBackend BackendFactory(AlignmentModels models);

/// <summary>Makes the rewards that are served: by default what the options name.</summary>
/// <param name="options">What the operator names.</param>
/// <param name="policy">The policy, which is loaded already.</param>
/// <param name="progress">Receives the progress.</param>
/// <returns>The rewards, to be owned by the caller, and each one's mixture weight.</returns>
public delegate (IReadOnlyList<IReward> Rewards, IReadOnlyList<double> Weights) RewardFactory(
    ModelOptions options, PolicyModel policy, IProgress<LoadState> progress);

/// <summary>Owns the engine, and describes the models that it has loaded.</summary>
internal sealed class ModelHost : IAsyncDisposable
{
    private readonly ModelOptions _options;
    private readonly BackendFactory _makeBackend;
    private readonly RewardFactory _makeRewards;
    private readonly Func<AlignmentEngine> _makeEngine;
    private readonly OutsidePolicy _outside;
    private readonly LoadingReport _progress;
    private readonly CancellationTokenSource _stop = new();
    private volatile AlignmentEngine? _engine;
    private volatile ServedModels? _served;

    /// <summary>Checks the options. Loads nothing yet.</summary>
    public ModelHost(
        IOptions<ModelOptions> options,
        IOptions<EngineOptions> engine,
        BackendFactory makeBackend,
        RewardFactory makeRewards,
        OutsidePolicy outside,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<AlignmentEngine> logger,
        ILogger<ModelHost> loadingLogger,
        IProgress<LoadState>? watcher = null)
    {
        _progress = new LoadingReport(loadingLogger, time, _stop.Token, watcher);
        _options = options.Value;
        _makeBackend = makeBackend;
        _makeRewards = makeRewards;
        _outside = outside;
        EngineOptions engineOptions = engine.Value;
        _makeEngine = () => new AlignmentEngine(Load, engineOptions, time, logger, meters);
    }

    /// <summary>Runs the alignments.</summary>
    /// <exception cref="EngineUnavailableException">The engine has not been started yet.</exception>
    public AlignmentEngine Engine => _engine ?? throw new EngineUnavailableException(EngineState.Loading);

    /// <summary>What the engine is doing.</summary>
    public EngineState State => _engine?.State ?? EngineState.Loading;

    /// <summary>The loaded models.</summary>
    /// <exception cref="EngineUnavailableException">The models are not loaded yet.</exception>
    public ServedModels Served => _served ?? throw new EngineUnavailableException(EngineState.Loading);

    /// <summary>Whether the models are loaded.</summary>
    public bool IsLoaded => _served is not null;

    /// <summary>Starts the engine, which begins to load the models. Called once.</summary>
    /// <remarks>
    /// Called only after the host is listening: a process that ends while a thread is in native code may crash, and a wrong setting or
    /// address ends the process.
    /// </remarks>
    public void Start() => _engine = _makeEngine();

    /// <summary>Whether none of the engine's threads is working any more. A thread may be in native code for a long time.</summary>
    public bool HasEnded => _engine?.HasEnded ?? true;

    /// <summary>Cancels loading, and ends running alignments with their best response so far.</summary>
    public async Task DrainAsync(TimeSpan budget)
    {
        await _stop.CancelAsync();
        await (_engine?.DrainAsync(budget) ?? Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
        _stop.Dispose();
    }

    private IAlignmentBackend Load()
    {
        LibTorch.EnsureLoaded();
        // Set before each model, because its number format may be chosen by measuring with the threads that serve.
        if (_options.Threads > 0)
        {
            ComputeThreads.Set(_options.Threads);
        }

        var options = new ModelLoadOptions(_options.Device, _options.Dtype, _options.PolicyName, _progress);
        IReadOnlyList<double> mixtureWeights = [];
        (PolicyModel Policy, IPolicy Engine)? elsewhere =
            _options.Engine is { } engine ? _outside.Open(_options.Policy, _options.PolicyName, engine) : null;
        AlignmentModels models = AlignmentModels.Load(
            () => elsewhere?.Policy ?? PolicyModel.Load(_options.Policy, options),
            policy =>
            {
                if (_options.Threads == 0 && policy.Description.ParameterCount < ComputeThreads.ManyWeights)
                {
                    ComputeThreads.Set(1);
                }

                (IReadOnlyList<IReward> rewards, mixtureWeights) = _makeRewards(_options, policy, _progress);
                return rewards;
            },
            elsewhere?.Engine);
        try
        {
            if (elsewhere is { Engine.Abilities.ReadsRows: false } && _options.KnownResponses is not null)
            {
                throw new InvalidDataException(
                    "SeaGrpc:Models:KnownResponses needs the log-probabilities of given tokens, which this engine does not tell: omit it.");
            }

            _served = ServedModels.Of(models, mixtureWeights) with
            {
                KnownResponses = KnownResponses.Load(_options.KnownResponses, models),
                MinRewardGain = _options.MinRewardGain,
            };
            return _makeBackend(models);
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }
}
