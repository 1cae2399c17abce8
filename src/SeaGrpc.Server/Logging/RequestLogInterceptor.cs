using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using SeaGrpc.Server.Telemetry;

namespace SeaGrpc.Server.Logging;

/// <summary>
/// Logs one line for every call, counts it and makes its span. docs/debugging.md explains the line's fields, docs/operations.md the others.
/// </summary>
internal sealed class RequestLogInterceptor(ILogger<RequestLogInterceptor> logger, CallMetrics metrics, TimeProvider time) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        CallRecord record = new CallRecord(request).Attach(context);
        TResponse? response = null;
        long start = time.GetTimestamp();
        await LogAsync(record, context, start, async () => record.Sent(response = await continuation(request, context)));
        return response!;
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        CallRecord record = new CallRecord(request).Attach(context);
        long start = time.GetTimestamp();
        Action? onFirst = metrics.HasFirstEvents && record.Spec is { } spec
            ? () => metrics.RecordFirstEvent(spec, time.GetElapsedTime(start))
            : null;
        return LogAsync(
            record, context, start, () => continuation(request, new RecordingWriter<TResponse>(responseStream, record, onFirst), context));
    }

    private async Task LogAsync(CallRecord record, ServerCallContext context, long start, Func<Task> call)
    {
        UnreadCallLog.MarkRead(context);
        using Activity? span = CallSpan.Start(context);
        RpcException? failure = null;
        try
        {
            await call();
        }
        catch (RpcException refused)
        {
            failure = refused;
            throw;
        }
        finally
        {
            // The caller may have disconnected before the call could send anything.
            StatusCode code = failure?.StatusCode
                ?? (context.CancellationToken.IsCancellationRequested ? StatusCode.Cancelled : StatusCode.OK);
            TimeSpan duration = time.GetElapsedTime(start);
            string? reason = CallRecord.Reason(failure);
            metrics.Record(context.Method, record.Spec, code, reason, duration);
            if (span is not null)
            {
                Describe(span, record, context.Method, code, reason);
            }

            logger.Called(
                context.Method,
                code,
                reason ?? CallRecord.None,
                duration.TotalMilliseconds,
                record.Messages,
                CallerText.Shown(context.Peer),
                record.Method,
                record.AlignmentId,
                record.RequestId,
                record.QueueMilliseconds,
                record.Iterations,
                record.StopReason,
                record.Caller,
                CallRecord.TraceId,
                CallRecord.SpanId
            );
        }
    }

    private static void Describe(Activity span, CallRecord record, string path, StatusCode code, string? reason)
    {
        CallSpan.Describe(span, path, code, reason);
        if (record.Spec is { } spec)
        {
            CallSpan.Describe(span, spec, record.Started, record.Final);
        }
    }

    private sealed class RecordingWriter<TMessage>(IServerStreamWriter<TMessage> writer, CallRecord record, Action? onFirst)
        : IServerStreamWriter<TMessage>
    {
        public WriteOptions? WriteOptions
        {
            get => writer.WriteOptions;
            set => writer.WriteOptions = value;
        }

        public Task WriteAsync(TMessage message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(TMessage message, CancellationToken cancellationToken)
        {
            await writer.WriteAsync(message, cancellationToken);
            if (record.Messages == 0)
            {
                onFirst?.Invoke();
            }

            record.Sent(message!);
        }
    }
}
