using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>
/// Runs the model passes of several jobs together. Each job's work runs on a <see cref="JobLane"/> as if it were alone. When it needs a
/// decoder pass, it waits, and <see cref="Exchange"/> runs one kind of waiting pass at a time, as one batch over all jobs that wait for
/// that kind. One thread owns the exchange. Work may also wait for an answer from outside the process; the others go on meanwhile.
/// </summary>
/// <remarks>
/// Every matrix product then contains the rows of all jobs. Attention stays within each job's own keys and values
/// (selective batching: Yu et al., "Orca", OSDI 2022). Backward passes are batched in the same way.
/// A turn is the work between two moments at which any job could continue. Its size is limited in tokens, whatever a job requests, and jobs
/// get equal shares of the device. A job that is more than a turn ahead of another waiting job waits until that job has caught up
/// (start-time fair queueing: Goyal, Vin and Cheng, 1996).
/// </remarks>
public sealed class PassExchange : IDisposable
{
    /// <summary>Number of exchanges after which the oldest waiting passes come first.</summary>
    private const int Patience = 3;

    private readonly long _maxTokens;
    private readonly Func<bool>? _isWanted;
    private readonly Action<int, long>? _onBatch;
    private readonly Stack<JobLane> _free = [];
    private readonly List<JobLane> _busy = [];
    private int _made;

    /// <param name="maxTokens">Maximum token positions in one batch of several jobs, which bounds its activations.</param>
    /// <param name="maxTurnTokens">
    /// Maximum token positions of one job's pass. Longer passes are split between rows, into parts of at least one row.
    /// </param>
    /// <param name="isWanted">
    /// Whether anything other than the only job with a lane wants the device; called on that lane. While it is false, the lane runs its
    /// passes itself. If null, every pass is left to <see cref="Exchange"/>.
    /// </param>
    /// <param name="onAnswer">Called on any thread when an answer from outside the process is there for a lane.</param>
    /// <param name="onBatch">Called after each batch of model passes with their number and their token positions.</param>
    public PassExchange(
        long maxTokens = 8192, long maxTurnTokens = long.MaxValue, Func<bool>? isWanted = null, Action? onAnswer = null,
        Action<int, long>? onBatch = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTurnTokens, 1);
        _maxTokens = maxTokens;
        MaxTurnTokens = Math.Min(maxTokens, maxTurnTokens);
        _isWanted = isWanted;
        OnAnswer = onAnswer;
        _onBatch = onBatch;
    }

    /// <summary>Maximum token positions of one job's pass.</summary>
    public long MaxTurnTokens { get; }

    /// <summary>The largest batch so far, in token positions: the passes and pauses of all its jobs.</summary>
    public long LongestTurn { get; private set; }

    /// <summary>Number of batches run, each for one or more jobs.</summary>
    public long Batches { get; private set; }

    /// <summary>Number of passes that jobs requested.</summary>
    public long Passes { get; private set; }

    /// <summary>Whether a lane waits for a pass.</summary>
    public bool HasWaiting => _busy.Exists(lane => lane.Waiting is not null);

    /// <summary>Called on any thread when an answer from outside is there.</summary>
    internal Action? OnAnswer { get; }

    /// <summary>Whether the only open lane can continue without the exchange.</summary>
    internal bool MayGoOn => _busy.Count == 1 && _isWanted is not null && !_isWanted();

    /// <summary>Opens a lane for one job.</summary>
    public JobLane Open()
    {
        JobLane lane = _free.TryPop(out JobLane? used) ? used : new JobLane(this, ++_made);
        lane.Spent = LeastSpent() ?? 0;
        _busy.Add(lane);
        return lane;
    }

    /// <summary>Closes an idle lane.</summary>
    public void Close(JobLane lane)
    {
        _busy.Remove(lane);
        _free.Push(lane);
    }

    /// <summary>Runs one kind of waiting pass and continues the work that waited for it.</summary>
    public void Exchange()
    {
        JobLane[] chosen = Choose();
        if (chosen.Length == 0)
        {
            return;
        }

        foreach (JobLane lane in _busy.Where(IsReady).Except(chosen))
        {
            lane.Waiting!.Age++;
        }

        LongestTurn = Math.Max(LongestTurn, chosen.Sum(lane => lane.Waiting!.Tokens));
        Do([.. chosen.Select(lane => lane.Waiting!)], out List<Tensor> shared);
        // A job that waited for an answer from outside takes no turns afterwards for those that it did not need meanwhile.
        long? least = LeastSpent();
        foreach (JobLane lane in chosen)
        {
            lane.Spent = lane.Waiting!.IsOutside ? Math.Max(lane.Spent, least ?? 0) : lane.Spent;
            lane.Resume();
        }

        shared.ForEach(tensor => tensor.Dispose());
    }

    /// <summary>Ends all waiting work by throwing an exception at the pass that it waits for.</summary>
    public void Abandon(Exception reason)
    {
        foreach (JobLane lane in _busy)
        {
            lane.Abandon(reason);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (JobLane lane in _free.Concat(_busy))
        {
            lane.Dispose();
        }
    }

    /// <summary>
    /// Chooses among the lanes that are not a turn ahead of another: the kind of pass that the fewest wait for, so that they catch up and
    /// more passes can be batched next time. Passes that have waited too long come first.
    /// </summary>
    private JobLane[] Choose()
    {
        JobLane[] waiting = [.. _busy.Where(IsReady)];
        if (waiting.Length == 0)
        {
            return [];
        }

        // The pass that a lane waits for is already counted. Before it, the lane stood where its next turn would begin.
        long least = waiting.Min(Begun);
        var kinds = waiting.Where(lane => Begun(lane) - least <= MaxTurnTokens)
            .GroupBy(lane => lane.Waiting!.Key)
            .Select(kind => (Lanes: kind.ToArray(), Age: kind.Max(lane => lane.Waiting!.Age)))
            .OrderByDescending(kind => kind.Age > Patience ? kind.Age : 0)
            .ThenBy(kind => kind.Lanes.Length)
            .ToArray();
        return Bounded(kinds[0].Lanes);
    }

    private static bool IsReady(JobLane lane) => lane.Waiting is { IsReady: true };

    /// <summary>The lowest value of the lanes that use the device, or of all if none does; null if there is no lane.</summary>
    private long? LeastSpent() =>
        _busy.Where(lane => lane.Waiting is not { IsOutside: true }).Min(lane => (long?)lane.Spent)
        ?? _busy.Min(lane => (long?)lane.Spent);

    private static long Begun(JobLane lane) => lane.Spent - lane.Waiting!.Tokens;

    // Lanes whose forward passes were one graph run their backward passes together, so none of them is left for later.
    private JobLane[] Bounded(JobLane[] lanes)
    {
        long tokens = 0;
        return [.. lanes.GroupBy(lane => lane.Waiting!.Inseparable)
            .OrderByDescending(group => group.Max(lane => lane.Waiting!.Age))
            .TakeWhile((group, index) => (tokens += group.Sum(lane => lane.Waiting!.Tokens)) <= _maxTokens || index == 0)
            .SelectMany(group => group)];
    }

    private void Tell(PassRequest[] requests)
    {
        if (_onBatch is null || requests[0].IsOutside || requests[0] is PauseRequest)
        {
            return;
        }

        long tokens = 0;
        foreach (PassRequest request in requests)
        {
            tokens += request.Tokens;
        }

        _onBatch(requests.Length, tokens);
    }

    /// <summary>A batch that fails, for example for lack of memory, is halved. A pass that fails alone fails its job.</summary>
    private void Do(PassRequest[] requests, out List<Tensor> shared)
    {
        try
        {
            shared = [.. requests[0].Run(requests)];
            Batches++;
            Passes += requests.Length;
            Tell(requests);
        }
        catch (Exception thrown) when (requests.Length == 1)
        {
            requests[0].Fail(thrown);
            shared = [];
        }
        catch (Exception)
        {
            Do(requests[..(requests.Length / 2)], out shared);
            Do(requests[(requests.Length / 2)..], out List<Tensor> rest);
            shared.AddRange(rest);
        }
    }
}
