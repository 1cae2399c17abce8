using System.Diagnostics;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Security;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Services;

/// <summary>
/// The alignments of one AlignBatch call. As many at once as the engine runs are with the engine; the others wait here, so that a batch
/// does not fill the queue for other callers.
/// </summary>
internal sealed class AlignmentBatch(
    AlignmentCall alignment, CallFailures failures, ModelHost models, TimeProvider time)
{
    /// <summary>Runs every spec and passes on each result as it ends.</summary>
    /// <param name="specs">The specs.</param>
    /// <param name="call">The caller's deadline and cancellation.</param>
    /// <param name="write">Receives the results, one at a time.</param>
    public async Task RunAsync(IReadOnlyList<AlignmentSpec> specs, ServerCallContext call, Func<AlignBatchResponse, Task> write)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        Channel<AlignBatchResponse> results = Channel.CreateUnbounded<AlignBatchResponse>();
        Task runs = RunAllAsync(specs, call, results.Writer, end.Token);
        try
        {
            await foreach (AlignBatchResponse result in results.Reader.ReadAllAsync(end.Token))
            {
                await write(result);
            }
        }
        finally
        {
            await end.CancelAsync(); // Does nothing to runs that have ended.
            await runs.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await runs;
    }

    private async Task RunAllAsync(
        IReadOnlyList<AlignmentSpec> specs, ServerCallContext call, ChannelWriter<AlignBatchResponse> results, CancellationToken end)
    {
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(
                Math.Min(specs.Count, models.EngineOptions.MaxConcurrentJobs),
                CallerPass.Of(call).Account?.Rule.MaxConcurrentCalls ?? int.MaxValue),
            CancellationToken = end,
        };
        try
        {
            await Parallel.ForAsync(0, specs.Count, options, async (index, _) =>
                await results.WriteAsync(await ResultAsync(index, specs[index], call, end), end));
            results.Complete();
        }
        catch (Exception failure)
        {
            results.Complete(failure);
            throw;
        }
    }

    private async Task<AlignBatchResponse> ResultAsync(int index, AlignmentSpec spec, ServerCallContext call, CancellationToken end)
    {
        using Activity? span = CallSpan.OfBatch(index);
        try
        {
            AlignResponse answer = await AlignAsync(spec, call, span, end);
            Describe(span, spec, answer);
            return new AlignBatchResponse { Index = index, Alignment = answer };
        }
        catch (Exception failure) when (!end.IsCancellationRequested)
        {
            AlignBatchError error = Error(failures.Translate(failure, call));
            Describe(span, spec, answer: null);
            CallSpan.Fail(span, (StatusCode)error.Code, error.Reason);
            return new AlignBatchResponse { Index = index, Error = error };
        }
    }

    private static void Describe(Activity? span, AlignmentSpec spec, AlignResponse? answer)
    {
        if (span is not null)
        {
            CallSpan.Describe(span, spec, answer?.Started, answer?.Final);
        }
    }

    /// <summary>Aligns once the queue has room, if that is before the spec's queue timeout and in good time before the deadline.</summary>
    private async Task<AlignResponse> AlignAsync(
        AlignmentSpec spec, ServerCallContext call, Activity? span, CancellationToken end)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            if (Left(call) <= TimeSpan.Zero)
            {
                throw ErrorMapping.DeadlinePassed();
            }

            try
            {
                return await alignment.AlignAsync(spec, call, end);
            }
            catch (Exception busy)
                when (Wait(busy) is { } wait && time.GetElapsedTime(start) + wait < Patience(spec) && wait < Left(call))
            {
                span?.AddEvent(new ActivityEvent("busy", time.GetUtcNow()));
                await Task.Delay(Wait(busy)!.Value, time, end);
            }
        }
    }

    /// <summary>How long to wait before the next try: for the queue, or for the caller's other calls; null for other failures.</summary>
    private static TimeSpan? Wait(Exception failure) =>
        failure switch
        {
            QueueFullException full => full.RetryAfter,
            RpcException refused when CallRecord.Reason(refused) == ErrorMapping.TooManyCallsReason =>
                refused.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan(),
            _ => null,
        };

    /// <summary>How long a spec that has passed validation may wait for the queue.</summary>
    private TimeSpan Patience(AlignmentSpec spec) => spec.QueueTimeout?.ToTimeSpan() ?? models.EngineOptions.QueueTimeout;

    /// <summary>Time until the call's answers must be under way.</summary>
    private TimeSpan Left(ServerCallContext call) =>
        call.Deadline == DateTime.MaxValue
            ? TimeSpan.MaxValue
            : call.Deadline.ToUniversalTime() - time.GetUtcNow().UtcDateTime - models.EngineOptions.DeadlineMargin;

    private static AlignBatchError Error(RpcException failure) =>
        new()
        {
            Code = (int)failure.StatusCode,
            Message = failure.Status.Detail,
            Reason = CallRecord.Reason(failure) ?? string.Empty,
            Status = failure.GetRpcStatus()?.ToByteString() ?? ByteString.Empty,
        };
}
