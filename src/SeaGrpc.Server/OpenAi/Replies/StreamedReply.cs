using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>
/// A reply as server-sent events: for each answer its role as soon as its alignment has started, its text when it is there, and how it
/// ended. Nothing is sent before an alignment has started, so that errors until then have a status of their own.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="head">What every chunk repeats.</param>
/// <param name="answers">Number of answers.</param>
/// <param name="tellsUsage">Whether the last chunk tells the usage.</param>
/// <param name="tellsProgress">Whether the progress is told.</param>
/// <param name="writeTimeout">How long the caller may take for one event.</param>
internal sealed class StreamedReply(
    HttpContext context, ReplyHead head, int answers, bool tellsUsage, bool tellsProgress, TimeSpan writeTimeout) : IReply, IDisposable
{
    private static readonly byte[] Data = "data: "u8.ToArray();
    private static readonly byte[] End = "\n\n"u8.ToArray();
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    private readonly SemaphoreSlim _writing = new(1);
    private readonly bool[] _begun = new bool[answers];

    public async Task TellAsync(int answer, StreamAlignResponse step, CancellationToken cancellationToken)
    {
        if (step.EventCase == StreamAlignResponse.EventOneofCase.Started)
        {
            head.AnsweredBy(step.Started.PolicySha256);
            await BeginAsync(answer, cancellationToken);
        }

        if (tellsProgress && Progress(answer, step) is { } progress)
        {
            await WriteAsync(head.Chunk([], progress: progress), ReplyJson.Types.Completion, cancellationToken);
        }
    }

    public async Task AnswerAsync(Answer answer, CancellationToken cancellationToken)
    {
        await BeginAsync(answer.Index, cancellationToken);
        Choice text = head.Part(answer.Index, role: null, answer.Text) with { Logprobs = answer.Logprobs };
        await WriteAsync(head.Chunk([text]), ReplyJson.Types.Completion, cancellationToken);
        Choice end = head.Part(answer.Index, role: null, text: null) with { FinishReason = answer.FinishReason, Sea = answer.Sea };
        await WriteAsync(head.Chunk([end]), ReplyJson.Types.Completion, cancellationToken);
    }

    public async Task CompleteAsync(Usage usage)
    {
        if (tellsUsage)
        {
            await WriteAsync(head.Chunk([], usage), ReplyJson.Types.Completion, context.RequestAborted);
        }

        await SendAsync(Done, context.RequestAborted);
    }

    public Task FailAsync(OpenAiError error) => context.Response.HasStarted
        ? WriteAsync(ErrorBody.Of(error), ReplyJson.Types.ErrorBody, context.RequestAborted)
        : ErrorReply.SendAsync(context, error);

    public void Dispose() => _writing.Dispose();

    private async Task BeginAsync(int answer, CancellationToken cancellationToken)
    {
        if (!_begun[answer])
        {
            _begun[answer] = true;
            if (head.IsChat)
            {
                await WriteAsync(
                    head.Chunk([head.Part(answer, "assistant", string.Empty)]), ReplyJson.Types.Completion, cancellationToken);
            }
        }
    }

    private Task WriteAsync<T>(T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync([.. Data, .. JsonSerializer.SerializeToUtf8Bytes(body, type), .. End], cancellationToken);

    /// <summary>Sends bytes within the write timeout, so that a stalled reader does not keep its run for ever.</summary>
    private async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(writeTimeout);
        try
        {
            HttpResponse response = context.Response;
            if (!response.HasStarted)
            {
                response.ContentType = "text/event-stream; charset=utf-8";
                response.Headers.CacheControl = "no-cache";
                response.Headers["X-Accel-Buffering"] = "no"; // Proxies pass each event on as it comes.
            }

            await response.Body.WriteAsync(bytes, patience.Token);
            await response.Body.FlushAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            context.Abort();
            throw new StalledReaderException(writeTimeout);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static SeaProgress? Progress(int answer, StreamAlignResponse step)
    {
        SeaProgress Of(string name) => new() { Choice = answer, Event = name };
        return step.EventCase switch
        {
            StreamAlignResponse.EventOneofCase.Queued => Of("queued") with { Position = step.Queued.Position },
            StreamAlignResponse.EventOneofCase.Started => Of("started"),
            StreamAlignResponse.EventOneofCase.Draft => Of("draft") with { Best = Answer.TextOf(step.Draft.Best) },
            StreamAlignResponse.EventOneofCase.Iteration => Of("iteration") with
            {
                Index = step.Iteration.Index,
                Total = step.Iteration.Total,
                Best = Answer.TextOf(step.Iteration.Best),
            },
            StreamAlignResponse.EventOneofCase.Progress => Of("progress") with { Best = Answer.TextOf(step.Progress.Best) },
            _ => null,
        };
    }
}
