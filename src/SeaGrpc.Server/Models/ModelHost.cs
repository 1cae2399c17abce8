using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Engines;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;

namespace SeaGrpc.Server.Models;

/// <summary>
/// Owns all pairs of models: loads them, at the start or for the first call, unloads what was least recently used where memory is short,
/// and replaces their models while calls are served. Thread-safe.
/// </summary>
/// <remarks>
/// Loads come one at a time. A call that uses a pair holds a <see cref="PairUse"/>, and only what nobody holds is unloaded; a replaced one
/// ends when its last call has.
/// </remarks>
internal sealed class ModelHost : IAsyncDisposable
{
    private const int MostLooks = 500;
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ModelOptions _options;
    private readonly EngineOptions _engineOptions;
    private readonly TimeProvider _time;
    private readonly ILogger<ModelHost> _logger;
    private readonly IProgress<LoadState>? _watcher;
    private readonly IProgress<string>? _stages;
    private readonly PairNeeds _needs = new();
    private readonly Func<ModelPair, LoadedPairParts> _parts;
    private readonly Counter<long> _loads;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _gate = new();
    private readonly List<LoadedPair> _live = [];
    private volatile bool _isStarted;
    private volatile bool _isStopping;

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
        IProgress<LoadState>? watcher = null,
        IProgress<string>? stages = null)
    {
        _options = options.Value;
        _engineOptions = engine.Value;
        _time = time;
        _logger = loadingLogger;
        _watcher = watcher;
        _stages = stages;
        Default = new ModelPair(_options.DefaultPair, _options);
        Pairs =
        [
            Default,
            .. _options.Pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new ModelPair(pair.Key, pair.Value.Alone(_options))),
        ];
        var threads = new ModelThreads(_options.Threads);
        _parts = pair => new LoadedPairParts
        {
            Engine = _engineOptions,
            MakeBackend = makeBackend,
            MakeRewards = makeRewards,
            Outside = outside,
            Threads = threads,
            MemoryFor = device => Pairs.Count == 1 ? null : MemoryShare.OfEach(device, BudgetOf(device), Pairs.Count),
            Time = time,
            Meters = meters,
            Label = Pairs.Count == 1 ? null : pair.Name,
            EngineLogger = logger,
            Progress = new LoadingReport(loadingLogger, time, _stop.Token, _isStarted ? null : _watcher),
        };
        _loads = meters.Create(new MeterOptions(SeaTelemetry.Name)).CreateCounter<long>(
            "seagrpc.model.loads", "{load}", "Pairs of models that were loaded, replaced, unloaded, or could not be loaded.");
    }

    /// <summary>Raised on any thread when a pair has been loaded, replaced or unloaded.</summary>
    public event Action? Changed;

    /// <summary>The pair of requests that name none.</summary>
    public ModelPair Default { get; }

    /// <summary>All pairs, the default one first.</summary>
    public IReadOnlyList<ModelPair> Pairs { get; }

    /// <summary>The settings of every engine.</summary>
    public EngineOptions EngineOptions => _engineOptions;

    /// <summary>Runs the alignments of the default pair.</summary>
    /// <exception cref="EngineUnavailableException">It is not there.</exception>
    public AlignmentEngine Engine =>
        (Default.Current ?? Default.Coming)?.Engine ?? throw new EngineUnavailableException(EngineState.Loading);

    /// <summary>The engines that may have calls.</summary>
    public IReadOnlyList<AlignmentEngine> Engines
    {
        get
        {
            lock (_gate)
            {
                return [.. _live.Where(loaded => loaded.IsStarted).Select(loaded => loaded.Engine)];
            }
        }
    }

    /// <summary>
    /// What calls encounter: the start, until every pair that belongs to it is loaded; afterwards ready, even while a pair is being loaded;
    /// failed once a device is lost.
    /// </summary>
    public EngineState State
    {
        get
        {
            lock (_gate)
            {
                return _live.Any(loaded => loaded.IsLoaded && loaded.State == EngineState.Failed) ? EngineState.Failed
                    : _isStarted ? EngineState.Ready
                    : (Default.Current ?? Default.Coming)?.State ?? EngineState.Loading;
            }
        }
    }

    /// <summary>Whether every pair that is loaded at the start is loaded.</summary>
    public bool IsComplete => Pairs.All(pair => !pair.LoadsAtStart || pair.Current is not null);

    /// <summary>The models of the default pair, as they were loaded last.</summary>
    /// <exception cref="EngineUnavailableException">They are not loaded yet.</exception>
    public ServedModels Served =>
        Default.LastServed ?? (Default.Coming is { IsLoaded: true } coming ? coming.Served : null)
            ?? throw new EngineUnavailableException(EngineState.Loading);

    /// <summary>Memory that the running jobs of the default pair may need together, in bytes.</summary>
    public long MemoryBudgetBytes => Default.Current?.Engine.MemoryBudgetBytes ?? Default.LastMemoryBudget;

    /// <summary>Memory that the weights of all pairs may take, in bytes.</summary>
    public long WeightBudgetBytes => BudgetOf(DeviceBytes);

    /// <summary>Whether no engine's thread is working any more. A thread may be in native code for a long time.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _live.TrueForAll(loaded => loaded.HasEnded);
            }
        }
    }

    private long DeviceBytes => (Default.Current ?? Default.Coming)?.DeviceBytes is > 0 and var bytes ? bytes : HostMemory.LimitBytes;

    /// <summary>Loads the pairs that belong to the start, one after the other. Called once.</summary>
    /// <remarks>
    /// Called only after the host is listening: a process that ends while a thread is in native code may crash, and a wrong setting or
    /// address ends the process.
    /// </remarks>
    /// <exception cref="PairMemoryException">They do not fit together.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        foreach (ModelPair pair in Pairs.Where(pair => pair.LoadsAtStart))
        {
            await _turn.WaitAsync(stop.Token);
            try
            {
                long needed = 0;
                if (pair != Default)
                {
                    needed = await Task.Run(() => _needs.Of(pair), stop.Token);
                    await MakeRoomAsync(pair, needed);
                }

                Install(pair, await OpenAsync(pair, needed, stop.Token), "loaded");
            }
            finally
            {
                _turn.Release();
            }
        }

        _isStarted = true;
        Changed?.Invoke();
    }

    /// <summary>The pair of a name.</summary>
    /// <param name="name">The name; empty for the default pair's.</param>
    /// <param name="field">The field of the request that names it.</param>
    /// <exception cref="UnknownModelException">There is no such pair.</exception>
    public ModelPair Find(string name, string field) =>
        name.Length == 0 ? Default
        : Pairs.FirstOrDefault(pair => pair.Name == name)
            ?? throw new UnknownModelException(field, name, string.Join("\", \"", Pairs.Select(pair => pair.Name)), Pairs.Count > 1);

    /// <summary>Begins to use a pair if it is loaded.</summary>
    /// <returns>The use, to be disposed; null if it is not loaded.</returns>
    public static PairUse? TryUse(ModelPair pair) => pair.Current is { } loaded ? PairUse.Begin(loaded) : null;

    /// <summary>Begins to use a pair, which is loaded first if it is not. The call waits for that.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="patience">How long the call waits.</param>
    /// <returns>The use, to be disposed.</returns>
    /// <exception cref="PairUnavailableException">It could not be loaded, now or a short time ago.</exception>
    /// <exception cref="PairMemoryException">It does not fit beside the pairs that are in use.</exception>
    /// <exception cref="QueueTimeoutException">It was not loaded within the call's queue timeout.</exception>
    /// <exception cref="AlignmentDeadlineException">It was not loaded before the call's deadline.</exception>
    /// <exception cref="QueueFullException">Too many calls wait for it.</exception>
    /// <exception cref="EngineUnavailableException">The server is stopping.</exception>
    public ValueTask<PairUse> UseAsync(ModelPair pair, Func<PairPatience> patience) =>
        TryUse(pair) is { } use ? ValueTask.FromResult(use) : new ValueTask<PairUse>(WaitAsync(pair, patience()));

    /// <summary>Every pair as it is now.</summary>
    public IReadOnlyList<ModelPairView> Views()
    {
        lock (_gate)
        {
            return
            [
                .. Pairs.Select(pair => new ModelPairView(
                    pair,
                    pair.Current is not null ? ModelPairState.Loaded
                        : pair.Loading is not null || pair.Coming is not null ? ModelPairState.Loading
                        : pair.Failure is not null ? ModelPairState.Failed
                        : ModelPairState.NotLoaded,
                    pair.Failure?.Problem,
                    pair.LastServed,
                    pair.Current?.WeightBytes ?? 0)),
            ];
        }
    }

    /// <summary>
    /// Loads the models of every loaded pair again, one pair after the other. Calls that run go on with the old ones. If a pair cannot be
    /// loaded, its old models stay, and the log says why.
    /// </summary>
    /// <param name="reason">Why, for the log.</param>
    public async Task ReloadAllAsync(string reason)
    {
        foreach (ModelPair pair in Pairs)
        {
            await ReloadAsync(pair, reason, onlyIfChanged: false);
        }
    }

    /// <summary>Loads the models of a pair again, if its folders are no longer what they were when it was loaded.</summary>
    /// <param name="pair">The pair.</param>
    public Task ReloadChangedAsync(ModelPair pair)
    {
        lock (_gate)
        {
            // What failed to load is tried at once with other files.
            pair.Failure = null;
            pair.Failures = 0;
        }

        return ReloadAsync(pair, "its files have changed", onlyIfChanged: true);
    }

    /// <summary>Cancels loading, and ends running alignments with their best response so far.</summary>
    public async Task DrainAsync(TimeSpan budget)
    {
        _isStopping = true;
        await _stop.CancelAsync();
        await Task.WhenAll(Live().Select(loaded => loaded.DrainAsync(budget)));
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        await _stop.CancelAsync();
        await Task.WhenAll(Live().Select(loaded => loaded.DisposeAsync().AsTask()));
    }

    private LoadedPair[] Live()
    {
        lock (_gate)
        {
            return [.. _live];
        }
    }

    private long BudgetOf(long deviceBytes) => _options.MemoryMiB > 0 ? _options.MemoryMiB * 1048576L : deviceBytes / 2;

    private async Task<PairUse> WaitAsync(ModelPair pair, PairPatience patience)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            Task loading;
            lock (_gate)
            {
                if (_isStopping)
                {
                    throw new EngineUnavailableException(EngineState.Draining);
                }

                if (TryUse(pair) is { } use)
                {
                    return use;
                }

                if (pair.Failure is { } failure && _time.GetUtcNow() < pair.RetryAt)
                {
                    throw new PairUnavailableException(
                        pair.Name, failure.Problem, failure.IsSettings, pair.RetryAt - _time.GetUtcNow(), failure);
                }

                int most = _engineOptions.MaxConcurrentJobs + _engineOptions.MaxQueuedJobs;
                if (pair.Waiting >= most)
                {
                    throw new QueueFullException(most, TimeSpan.FromSeconds(1));
                }

                loading = pair.Loading ??= Task.Run(() => LoadAsync(pair));
                pair.Waiting++;
            }

            TimeSpan spent = _time.GetElapsedTime(start);
            TimeSpan queue = patience.Queue - spent;
            TimeSpan left = patience.Left - spent ?? TimeSpan.MaxValue;
            try
            {
                TimeSpan longest = queue < left ? queue : left;
                await loading.WaitAsync(longest > TimeSpan.Zero ? longest : TimeSpan.Zero, _time, patience.Cancellation);
            }
            catch (TimeoutException)
            {
                throw left <= queue
                    ? (Exception)new AlignmentDeadlineException(_time.GetElapsedTime(start), TimeSpan.Zero)
                    : new QueueTimeoutException(patience.Queue, TimeSpan.FromSeconds(1));
            }
            catch (OperationCanceledException) when (_isStopping)
            {
                throw new EngineUnavailableException(EngineState.Draining);
            }
            finally
            {
                lock (_gate)
                {
                    pair.Waiting--;
                }
            }
        }
    }

    /// <summary>Loads a pair for its calls.</summary>
    private async Task LoadAsync(ModelPair pair)
    {
        try
        {
            await _turn.WaitAsync(_stop.Token);
            try
            {
                long needed = _needs.Of(pair);
                await MakeRoomAsync(pair, needed);
                Install(pair, await OpenAsync(pair, needed, _stop.Token), "loaded");
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (PairMemoryException full)
        {
            _logger.PairDoesNotFit(full.Message);
            throw;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !_isStopping)
        {
            throw Fail(pair, failure);
        }
        finally
        {
            lock (_gate)
            {
                pair.Loading = null;
            }

            Changed?.Invoke();
        }
    }

    private PairUnavailableException Fail(ModelPair pair, Exception failure)
    {
        lock (_gate)
        {
            pair.Failures++;
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, pair.Failures - 1)));
            pair.RetryAt = _time.GetUtcNow() + pause;
            pair.Failure = PairFailure.Of(pair.Name, failure, pause);
        }

        Count(pair, "failed");
        _logger.PairFailed(pair.Name, pair.Failure.Problem, pair.Failure.RetryAfter);
        return pair.Failure;
    }

    /// <summary>Makes new calls use what has been loaded.</summary>
    private void Install(ModelPair pair, LoadedPair loaded, string outcome)
    {
        lock (_gate)
        {
            pair.LastServed = loaded.Served;
            pair.LastMemoryBudget = loaded.Engine.MemoryBudgetBytes;
            pair.Current = loaded;
            pair.Coming = null;
            pair.Failure = null;
            pair.Failures = 0;
        }

        Count(pair, outcome);
        if (_isStarted)
        {
            _logger.PairLoaded(pair.Name, loaded.WeightBytes >> 20);
        }

        Changed?.Invoke();
    }

    private void Count(ModelPair pair, string outcome) => _loads.Add(
        1, new KeyValuePair<string, object?>("pair", pair.Name), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Loads a pair's models and runs one real alignment.</summary>
    private async Task<LoadedPair> OpenAsync(ModelPair pair, long needed, CancellationToken cancellationToken)
    {
        var loaded = new LoadedPair(pair.Name, pair.Options with { IsStart = !_isStarted }, pair.Identity, needed, _parts(pair));
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _live.Add(loaded);
            pair.Coming = loaded;
        }

        try
        {
            loaded.Start();
            await loaded.Engine.Loaded.WaitAsync(cancellationToken);
            _needs.Note(pair, loaded);
            _logger.WarmingUp();
            if (!_isStarted)
            {
                _stages?.Report("warming up with one short alignment");
            }

            await loaded.WarmUpAsync(cancellationToken);
            return loaded;
        }
        catch
        {
            lock (_gate)
            {
                pair.Coming = _isStarted ? null : pair.Coming; // At the start, its state tells why.
            }

            if (_isStarted)
            {
                await EndAsync(loaded);
            }

            throw;
        }
    }

    private async Task EndAsync(LoadedPair loaded)
    {
        await loaded.DisposeAsync();
        for (int looks = 0; looks < MostLooks && !loaded.HasEnded; looks++)
        {
            await Task.Delay(LookPause); // Freeing large models takes a while.
        }

        if (loaded.HasEnded)
        {
            lock (_gate)
            {
                _live.Remove(loaded);
            }

            ReleasedMemory.Return();
        }
    }

    /// <summary>Unloads what was least recently used until a pair fits. Unloads nothing if it would not fit even so.</summary>
    private async Task MakeRoomAsync(ModelPair pair, long needed)
    {
        while (true)
        {
            LoadedPair? victim;
            lock (_gate)
            {
                long budget = WeightBudgetBytes;
                long held = _live.Sum(loaded => loaded.WeightBytes);
                if (held + needed <= budget)
                {
                    return;
                }

                (ModelPair Pair, LoadedPair Loaded)[] idle =
                [
                    .. Pairs.Where(other => other != pair && !other.LoadsAtStart && other.Waiting == 0)
                        .Select(other => (other, Loaded: other.Current!))
                        .Where(other => other.Loaded is { IsUsed: false }),
                ];
                held -= idle.Sum(other => other.Loaded.WeightBytes);
                if (held + needed > budget)
                {
                    string[] names = [.. _live.Except(idle.Select(other => other.Loaded)).Select(loaded => loaded.Name).Distinct()];
                    throw new PairMemoryException(pair.Name, needed, held, budget, names);
                }

                (ModelPair oldest, victim) = idle.MinBy(other => other.Loaded.LastUsed);
                if (!victim.TryRetire())
                {
                    continue;
                }

                oldest.Current = null;
                Count(oldest, "unloaded");
            }

            _logger.PairUnloaded(victim.Name, pair.Name);
            await EndAsync(victim);
            Changed?.Invoke();
        }
    }

    private async Task ReloadAsync(ModelPair pair, string reason, bool onlyIfChanged)
    {
        try
        {
            await pair.ReloadTurn.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            await ReplaceAsync(pair, reason, onlyIfChanged);
        }
        catch (OperationCanceledException) when (_isStopping)
        {
            // The server is stopping.
        }
        catch (Exception failure)
        {
            Count(pair, "failed");
            _logger.ReloadFailed(pair.Name, PairFailure.Of(pair.Name, failure, TimeSpan.Zero).Problem);
        }
        finally
        {
            pair.ReloadTurn.Release();
        }
    }

    private async Task ReplaceAsync(ModelPair pair, string reason, bool onlyIfChanged)
    {
        LoadedPair? old;
        LoadedPair? loaded = null;
        Task later = Task.CompletedTask;
        await _turn.WaitAsync(_stop.Token);
        try
        {
            old = pair.Current;
            if (old is null || (onlyIfChanged && old.Identity == pair.Identity))
            {
                return; // What is not loaded, the next call loads anew.
            }

            _logger.Reloading(pair.Name, reason);
            long needed = await Task.Run(() => _needs.Of(pair, isChanged: true));
            if (await FitsAsync(pair, needed))
            {
                loaded = await OpenAsync(pair, needed, _stop.Token);
                Install(pair, loaded, "replaced");
            }
            else
            {
                // Calls that come meanwhile wait for what LoadAsync loads once the old models are gone.
                lock (_gate)
                {
                    pair.Current = null;
                    pair.Loading = later = Task.Run(() => LoadAfterAsync(pair, old));
                }

                Changed?.Invoke();
                _logger.ReloadDrains(pair.Name);
            }
        }
        finally
        {
            _turn.Release();
        }

        if (loaded is null)
        {
            await later.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // It logs by itself what goes wrong.
            return;
        }

        _logger.Reloaded(pair.Name, loaded.Served.Policy.Hash);
        await old.RetireAsync().WaitAsync(_stop.Token);
        await EndAsync(old);
        _logger.OldModelsFreed(pair.Name);
    }

    private async Task LoadAfterAsync(ModelPair pair, LoadedPair old)
    {
        await old.RetireAsync().WaitAsync(_stop.Token);
        await EndAsync(old);
        await LoadAsync(pair);
    }

    /// <summary>Whether a pair's new models fit beside its old ones. What stands in the way and is not in use is unloaded.</summary>
    private async Task<bool> FitsAsync(ModelPair pair, long needed)
    {
        try
        {
            await MakeRoomAsync(pair, needed);
            return true;
        }
        catch (PairMemoryException)
        {
            return false;
        }
    }
}
