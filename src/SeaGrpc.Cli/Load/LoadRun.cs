using System.Diagnostics;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Load;

/// <summary>
/// Calls StreamAlign again and again. With a rate, a call's times count from the moment when it was due, so that a server that
/// falls behind shows as waiting, not as fewer calls.
/// </summary>
/// <param name="connection">The server.</param>
/// <param name="plan">How it is called.</param>
/// <param name="spec">Makes the specs.</param>
/// <param name="progress">Receives how much of the time is over.</param>
internal sealed class LoadRun(
    SidecarConnection connection, LoadPlan plan, Func<AlignmentSpec> spec, IProgress<WorkProgress> progress)
{
    private readonly Lock _lock = new();
    private readonly LoadResult _result = new();
    private long _started;

    /// <summary>Runs the whole plan; cancellation starts no more calls and waits for those that run.</summary>
    public async Task<LoadResult> RunAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, plan.Concurrency).Select(_ => WorkAsync(start, cancellation)));
        _result.Elapsed = Stopwatch.GetElapsedTime(start);
        return _result;
    }

    private async Task WorkAsync(long start, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            Tell(now);
            TimeSpan due = plan.Rate is { } rate ? TimeSpan.FromSeconds((Interlocked.Increment(ref _started) - 1) / rate) : now;
            if (due >= plan.Duration)
            {
                return;
            }

            if (due > now)
            {
                await Task.Delay(due - now, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellation.IsCancellationRequested)
                {
                    return;
                }
            }

            await CallAsync(() => Stopwatch.GetElapsedTime(start) - due);
        }
    }

    private void Tell(TimeSpan elapsed)
    {
        long total = (long)Math.Ceiling(plan.Duration.TotalSeconds);
        progress.Report(new WorkProgress("calling the server", Math.Min(total, (long)elapsed.TotalSeconds), total, WorkUnit.Seconds));
    }

    private async Task CallAsync(Func<TimeSpan> sinceDue)
    {
        TimeSpan? first = null;
        try
        {
            using AsyncServerStreamingCall<StreamAlignResponse> call = connection.Alignment.StreamAlign(
                new StreamAlignRequest { Spec = spec() }, connection.Headers,
                plan.Deadline is { } deadline ? DateTime.UtcNow + deadline - sinceDue() : null);
            AlignmentFinal? final = null;
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                if (first is null)
                {
                    first = sinceDue();
                    Admit();
                }

                final = call.ResponseStream.Current.Final ?? final;
            }

            Record(first, final, sinceDue());
        }
        catch (RpcException error)
        {
            Count(
                _result.Failures,
                MarkedText.Printable($"{error.StatusCode} {error.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason}".TrimEnd()));
        }
    }

    private void Admit()
    {
        lock (_lock)
        {
            _result.Admitted++;
        }
    }

    private void Record(TimeSpan? first, AlignmentFinal? final, TimeSpan end)
    {
        if (first is null || final is null)
        {
            Count(_result.Failures, "no final event");
            return;
        }

        Count(_result.StopReasons, final.StopReason.ToString());
        lock (_lock)
        {
            _result.FirstEvent.Add(first.Value);
            _result.Final.Add(end);
            _result.Iterations += final.IterationsRun;
        }
    }

    private void Count(SortedDictionary<string, int> counts, string name)
    {
        lock (_lock)
        {
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }
    }
}
