using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
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

/// <summary>
/// The models of a pair as they were loaded at one time, with their engine. They are unloaded when nobody uses them any more. Thread-safe.
/// </summary>
internal sealed class LoadedPair : IAsyncDisposable
{
    /// <summary>Enough for every kind of pass; on a busy machine each token of a large model takes seconds.</summary>
    private const int WarmUpResponseTokens = 2;

    private readonly LoadedPairParts _parts;
    private readonly ModelOptions _options;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile AlignmentEngine? _engine;
    private volatile ServedModels? _served;
    private long _weightBytes;
    private long _deviceBytes;
    private long _lastUsed;
    private int _uses;
    private bool _isRetired;

    /// <summary>Prepares it. Loads nothing yet.</summary>
    /// <param name="name">The pair's name.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="identity">What its folders are like (<see cref="FolderIdentity"/>).</param>
    /// <param name="expectedBytes">What its weights are expected to take.</param>
    /// <param name="parts">What it is made with.</param>
    public LoadedPair(string name, ModelOptions options, string identity, long expectedBytes, LoadedPairParts parts)
    {
        Name = name;
        Identity = identity;
        _options = options;
        _parts = parts;
        _weightBytes = expectedBytes;
        _lastUsed = parts.Time.GetTimestamp();
    }

    /// <summary>The pair's name.</summary>
    public string Name { get; }

    /// <summary>What its folders were like before they were loaded.</summary>
    public string Identity { get; }

    /// <summary>Runs the alignments.</summary>
    /// <exception cref="EngineUnavailableException">The engine has not been started yet.</exception>
    public AlignmentEngine Engine => _engine ?? throw new EngineUnavailableException(EngineState.Loading);

    /// <summary>What the engine is doing.</summary>
    public EngineState State => _engine?.State ?? EngineState.Loading;

    /// <summary>Whether the engine has been started.</summary>
    public bool IsStarted => _engine is not null;

    /// <summary>The loaded models.</summary>
    /// <exception cref="EngineUnavailableException">The models are not loaded yet.</exception>
    public ServedModels Served => _served ?? throw new EngineUnavailableException(EngineState.Loading);

    /// <summary>Whether the models are loaded.</summary>
    public bool IsLoaded => _served is not null;

    /// <summary>What the weights take, in bytes; expected until they are loaded.</summary>
    public long WeightBytes => Interlocked.Read(ref _weightBytes);

    /// <summary>Memory of the policy's device, in bytes; 0 until the models are loaded.</summary>
    public long DeviceBytes => Interlocked.Read(ref _deviceBytes);

    /// <summary>When it was last in use, as a timestamp.</summary>
    public long LastUsed => Interlocked.Read(ref _lastUsed);

    /// <summary>Whether a call uses it.</summary>
    public bool IsUsed
    {
        get
        {
            lock (_gate)
            {
                return _uses > 0;
            }
        }
    }

    /// <summary>Whether none of the engine's threads is working any more. A thread may be in native code for a long time.</summary>
    public bool HasEnded => _engine?.HasEnded ?? true;

    /// <summary>Starts the engine, which begins to load the models. Called once.</summary>
    public void Start() =>
        _engine = new AlignmentEngine(Load, _parts.Engine, _parts.Time, _parts.EngineLogger, _parts.Meters, _parts.Label);

    /// <summary>Begins a use.</summary>
    /// <returns>False if it is being unloaded.</returns>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            _uses++;
            return true;
        }
    }

    /// <summary>Begins a use beside another one.</summary>
    public void Share()
    {
        lock (_gate)
        {
            _uses++;
        }
    }

    /// <summary>Ends a use.</summary>
    public void Leave()
    {
        Interlocked.Exchange(ref _lastUsed, _parts.Time.GetTimestamp());
        lock (_gate)
        {
            if (--_uses == 0 && _isRetired)
            {
                _unused.TrySetResult();
            }
        }
    }

    /// <summary>Ends new uses, if there is none now.</summary>
    /// <returns>Whether there is none.</returns>
    public bool TryRetire()
    {
        lock (_gate)
        {
            _isRetired |= _uses == 0;
            return _isRetired;
        }
    }

    /// <summary>Ends new uses.</summary>
    /// <returns>Completes when there is none.</returns>
    public Task RetireAsync()
    {
        lock (_gate)
        {
            _isRetired = true;
            if (_uses == 0)
            {
                _unused.TrySetResult();
            }

            return _unused.Task;
        }
    }

    /// <summary>Runs one real alignment.</summary>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        PromptEncoder prompts = Served.Prompts;
        var task = new AlignmentTask
        {
            Prompt = Served.HasChatTemplate ? prompts.EncodeChat([new ChatMessage("user", "Hello")]) : prompts.EncodeText("Hello"),
            Method = Served.Engine is not null
                ? new EnergySearchParameters { Iterations = 1 }
                : SeaParameters.Default with
                {
                    Chains = 1,
                    Iterations = 1,
                    ProposalOrder = Served.HasRewardGradient ? SeaProposalOrder.Alternate : SeaProposalOrder.Policy,
                },
            Seed = 0,
            MaxResponseTokens = WarmUpResponseTokens,
        };
        using JobSlot slot = Engine.Reserve();
        await slot.Submit(task).Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Ends running alignments with their best response so far.</summary>
    public Task DrainAsync(TimeSpan budget) => _engine?.DrainAsync(budget) ?? Task.CompletedTask;

    /// <summary>Ends the engine and frees the models.</summary>
    public ValueTask DisposeAsync() => _engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IAlignmentBackend Load()
    {
        LibTorch.EnsureLoaded();
        _parts.Threads.Begin(); // Before each model, because its number format may be chosen by measuring with the threads that serve.
        var options = new ModelLoadOptions(_options.Device, _options.Dtype, _options.PolicyName, _parts.Progress);
        IReadOnlyList<double> mixtureWeights = [];
        (PolicyModel Policy, IPolicy Engine)? elsewhere =
            _options.Engine is { } engine
                ? _parts.Outside.Open(
                    _options.Policy,
                    _options.PolicyName,
                    engine,
                    _options.IsStart ? engine.StartTimeout : TimeSpan.Zero,
                    counts: !_options.IsOnDemand)
                : null;
        AlignmentModels models = AlignmentModels.Load(
            () => elsewhere?.Policy ?? PolicyModel.Load(_options.Policy, options),
            policy =>
            {
                _parts.Threads.Suit(policy.Description.ParameterCount);
                (IReadOnlyList<IReward> rewards, mixtureWeights) = _parts.MakeRewards(_options, policy, _parts.Progress);
                return rewards;
            },
            elsewhere?.Engine);
        try
        {
            if (elsewhere is { Engine.Abilities.ReadsRows: false } && _options.KnownResponsesFile is not null)
            {
                throw new InvalidDataException(
                    "SeaGrpc:Models:KnownResponses needs the log-probabilities of given tokens, which this engine does not tell: omit it.");
            }

            Interlocked.Exchange(ref _weightBytes, MemoryShare.HeldBy(models));
            Interlocked.Exchange(ref _deviceBytes, DeviceMemory.Of(models.Policy.Device));
            models.MemoryLimit = _parts.MemoryFor(DeviceBytes);
            ServedModels served = ServedModels.Of(models, mixtureWeights) with
            {
                KnownResponses = KnownResponses.Load(_options, models),
                MinRewardGain = _options.MinRewardGain,
            };
            IAlignmentBackend backend = _parts.MakeBackend(models);
            _served = served;
            return backend;
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }
}

/// <summary>What loaded pairs are made with.</summary>
internal sealed record LoadedPairParts
{
    /// <summary>The settings of the engine.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>Makes the backend.</summary>
    public required BackendFactory MakeBackend { get; init; }

    /// <summary>Makes the rewards.</summary>
    public required RewardFactory MakeRewards { get; init; }

    /// <summary>Opens a policy that runs elsewhere.</summary>
    public required OutsidePolicy Outside { get; init; }

    /// <summary>The threads of the process's models.</summary>
    public required ModelThreads Threads { get; init; }

    /// <summary>Memory for running jobs on a device with a memory, in bytes; null for what the models leave.</summary>
    public required Func<long, long?> MemoryFor { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The host's meters.</summary>
    public required System.Diagnostics.Metrics.IMeterFactory Meters { get; init; }

    /// <summary>The engine's label in metrics; null for none.</summary>
    public required string? Label { get; init; }

    /// <summary>The engine's log.</summary>
    public required ILogger<AlignmentEngine> EngineLogger { get; init; }

    /// <summary>Receives the progress of loading.</summary>
    public required LoadingReport Progress { get; init; }
}
