using Grpc.Core;
using Grpc.Core.Interceptors;

namespace SeaGrpc.Server.Logging;

/// <summary>Logs one line for every call. docs/debugging.md explains its fields.</summary>
internal sealed class RequestLogInterceptor(ILogger<RequestLogInterceptor> logger, TimeProvider time) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        CallRecord record = new CallRecord(request).Attach(context);
        TResponse? response = null;
        await LogAsync(record, context, async () => record.Sent(response = await continuation(request, context)));
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
        return LogAsync(record, context, () => continuation(request, new RecordingWriter<TResponse>(responseStream, record), context));
    }

    private async Task LogAsync(CallRecord record, ServerCallContext context, Func<Task> call)
    {
        UnreadCallLog.MarkRead(context);
        long start = time.GetTimestamp();
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
            logger.Called(
                context.Method,
                code,
                CallRecord.Reason(failure),
                time.GetElapsedTime(start).TotalMilliseconds,
                record.Messages,
                CallerText.Shown(context.Peer),
                record.Method,
                record.AlignmentId,
                record.RequestId,
                record.QueueMilliseconds,
                record.Iterations,
                record.StopReason,
                record.Caller
            );
        }
    }

    private sealed class RecordingWriter<TMessage>(IServerStreamWriter<TMessage> writer, CallRecord record) : IServerStreamWriter<TMessage>
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
            record.Sent(message!);
        }
    }
}
