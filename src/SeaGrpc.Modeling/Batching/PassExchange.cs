using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Batching;

/// <summary>
/// Does the model passes of several jobs together. Each job's work runs on a <see cref="JobLane"/> as if it were alone; where
/// it needs a pass of a decoder it stands still, and <see cref="Exchange"/> does one kind of waiting passes at a time as one
/// batch over all jobs that wait for that kind. One thread owns it.
/// </summary>
/// <remarks>
/// Every matrix product then has the rows of all jobs; attention stays within each job's own keys and values (selective
/// batching: Yu et al., "Orca", OSDI 2022). Backward passes are batched likewise.
/// </remarks>
public sealed class PassExchange : IDisposable
{
    /// <summary>Exchanges after which the oldest waiting passes come first.</summary>
    private const int Patience = 3;

    private readonly long maxTokens;
    private readonly Stack<JobLane> free = [];
    private readonly List<JobLane> busy = [];
    private int made;

    /// <param name="maxTokens">Most token positions of one batch of several jobs; bounds its activations.</param>
    public PassExchange(long maxTokens = 8192)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        this.maxTokens = maxTokens;
    }

    /// <summary>Passes done, each for one job or several.</summary>
    public long Batches { get; private set; }

    /// <summary>Passes that jobs asked for.</summary>
    public long Passes { get; private set; }

    /// <summary>Whether a lane waits for a pass.</summary>
    public bool HasWaiting => busy.Exists(lane => lane.Waiting is not null);

    /// <summary>A lane for one job.</summary>
    public JobLane Open()
    {
        JobLane lane = free.TryPop(out JobLane? used) ? used : new JobLane(++made);
        busy.Add(lane);
        return lane;
    }

    /// <summary>Takes an idle lane back.</summary>
    public void Close(JobLane lane)
    {
        busy.Remove(lane);
        free.Push(lane);
    }

    /// <summary>Does one kind of the waiting passes, and goes on with the work that waited for it.</summary>
    public void Exchange()
    {
        JobLane[] chosen = Choose();
        if (chosen.Length == 0)
        {
            return;
        }

        foreach (JobLane lane in busy.Where(lane => lane.Waiting is not null).Except(chosen))
        {
            lane.Waiting!.Age++;
        }

        Do([.. chosen.Select(lane => lane.Waiting!)], out List<Tensor> shared);
        foreach (JobLane lane in chosen)
        {
            lane.Resume();
        }

        shared.ForEach(tensor => tensor.Dispose());
    }

    /// <summary>Ends all work that waits, by an exception at the pass that it waits for.</summary>
    public void Abandon(Exception reason)
    {
        while (busy.Find(lane => lane.Waiting is not null) is { } lane)
        {
            lane.Waiting!.Fail(reason);
            lane.Resume();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (JobLane lane in free.Concat(busy))
        {
            lane.Dispose();
        }
    }

    /// <summary>
    /// The kind that fewest lanes wait for, so that they catch up with the others and more can be done together next time;
    /// but what has waited too long comes first.
    /// </summary>
    private JobLane[] Choose()
    {
        var kinds = busy.Where(lane => lane.Waiting is not null)
            .GroupBy(lane => lane.Waiting!.Key)
            .Select(kind => (Lanes: kind.ToArray(), Age: kind.Max(lane => lane.Waiting!.Age)))
            .OrderByDescending(kind => kind.Age > Patience ? kind.Age : 0)
            .ThenBy(kind => kind.Lanes.Length)
            .ToArray();
        return kinds.Length == 0 ? [] : Bounded(kinds[0].Lanes);
    }

    // Lanes whose forward passes were one graph walk back through it together: none of them is left for later.
    private JobLane[] Bounded(JobLane[] lanes)
    {
        if (lanes[0].Waiting is BackwardRequest)
        {
            return lanes;
        }

        long tokens = 0;
        JobLane[] oldestFirst = [.. lanes.OrderByDescending(lane => lane.Waiting!.Age)];
        return [.. oldestFirst.TakeWhile((lane, index) => (tokens += lane.Waiting!.Tokens) <= maxTokens || index == 0)];
    }

    /// <summary>A batch that fails, for want of memory say, is halved; a pass that fails alone fails its job.</summary>
    private void Do(PassRequest[] requests, out List<Tensor> shared)
    {
        try
        {
            shared = [.. requests[0].Run(requests)];
            Batches++;
            Passes += requests.Length;
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
