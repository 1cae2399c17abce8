using System.Runtime.ExceptionServices;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Intake;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.OpenAi.Calls;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.Server.OpenAi.Replies;
using SeaGrpc.Server.OpenAi.Requests;
using SeaGrpc.Server.OpenAi.Upstream;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Services;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Errors;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi;

/// <summary>
/// Answers <c>/v1/chat/completions</c> and <c>/v1/completions</c>: (1) reads the body within the limits of an RPC's message, (2) turns it
/// into specs, (3) runs one StreamAlign for each answer, all at once, (4) replies. If the caller disconnects or one answer fails, all runs
/// end.
/// </summary>
internal sealed class CompletionHandler(
    ModelHost models,
    LocalCalls calls,
    UpstreamClient upstream,
    InboundBytes inbound,
    PreparationGate preparation,
    IOptions<OpenAiOptions> options,
    IOptions<TransportOptions> transport,
    IOptions<EngineOptions> engine,
    TimeProvider time,
    ILogger<CompletionHandler> logger)
{
    private const string Json = "application/json";

    /// <summary>Answers a conversation.</summary>
    public Task ChatAsync(HttpContext context) => HandleAsync(context, isChat: true);

    /// <summary>Continues texts.</summary>
    public Task CompleteAsync(HttpContext context) => HandleAsync(context, isChat: false);

    private async Task HandleAsync(HttpContext context, bool isChat)
    {
        using var body = new JsonBody(context, transport.Value.MaxRequestBytes, inbound, preparation);
        context.Features.Set<IPreparation>(body);
        DateTimeOffset now = time.GetUtcNow();
        var names = ParamNames.None;
        IReply? reply = null;
        try
        {
            CheckType(context.Request);
            using JsonDocument document = Parse(await body.ReadAsync()); // 1
            _ = models.Served; // Nothing is answered before the start is over.
            CompletionRequest request = new CompletionReader([.. models.Pairs.Select(known => known.Name)], options.Value)
                .ReadRequest(document.RootElement, isChat); // 2
            names = request.Names;

            // All answers come from the same models. Those that are not loaded are loaded for a call whose caller is known.
            using PairUse? pair = request.Spec.Model.Length == 0 ? ModelHost.TryUse(models.Default)
                : models.Pairs.FirstOrDefault(known => known.Name == request.Spec.Model) is { } named ? ModelHost.TryUse(named)
                : null;
            if (request is { TopLogprobs: not null, Picks: false })
            {
                CheckLogprobs(pair?.Served);
            }

            if (request.AsksUpstream)
            {
                body.Prepared(); // The backend may take long, and others wait for the place.
            }

            reply = Reply(context, request, pair?.Served, now);
            Usage usage = await RunAsync(context, request, pair, reply, now); // 3
            await reply.CompleteAsync(usage); // 4
        }
        catch (Exception failure)
        {
            OpenAiError error = ErrorReply.Of(failure, names.Of, context, logger);
            await TellAsync(context, reply, error);
        }
        finally
        {
            (reply as IDisposable)?.Dispose();
        }
    }

    private static async Task TellAsync(HttpContext context, IReply? reply, OpenAiError error)
    {
        try
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                await (reply?.FailAsync(error) ?? ErrorReply.SendAsync(context, error));
            }
            else if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = error.Status; // For logs.
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or StalledReaderException)
        {
            // The caller has left meanwhile.
        }
    }

    /// <exception cref="OpenAiException">The policy's engine does not tell log-probabilities.</exception>
    private static void CheckLogprobs(ServedModels? served)
    {
        if (served?.Engine is { ReadsRows: false })
        {
            throw OpenAiException.Unsupported("logprobs", "cannot be told: the policy's engine does not tell them; omit it.");
        }
    }

    private IReply Reply(HttpContext context, CompletionRequest request, ServedModels? served, DateTimeOffset now)
    {
        var head = new ReplyHead(
            $"{(request.IsChat ? "chatcmpl" : "cmpl")}-{Guid.NewGuid():N}", request.IsChat, now.ToUnixTimeSeconds(), request.Model.Given);
        if (served is not null)
        {
            head.AnsweredBy(served.Policy.Hash);
        }

        context.Response.Headers["x-request-id"] = head.Id;
        return request.IsStreamed
            ? new StreamedReply(
                context, head, request.Answers, request.TellsUsage, request.TellsProgress, transport.Value.WriteTimeout)
            : new WholeReply(context, head, request.Answers);
    }

    private async Task<Usage> RunAsync(
        HttpContext context, CompletionRequest request, PairUse? pair, IReply reply, DateTimeOffset now)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        UpstreamAnswers? drafts =
            request.AsksUpstream ? new UpstreamAnswers(request, options.Value.Upstream!, upstream, now) : null;
        DateTime deadline = Deadline(request.TimeLimit, now);
        ExceptionDispatchInfo? first = null;
        Task<Answer?>[] runs = [.. Enumerable.Range(0, request.Answers).Select(RunAsync)];
        Answer?[] answers = await Task.WhenAll(runs);
        first?.Throw();
        return Usage.Of(
            answers.Where((_, index) => index % request.Choices == 0).Sum(answer => answer!.PromptTokens),
            answers.Sum(answer => answer!.CompletionTokens));

        async Task<Answer?> RunAsync(int index)
        {
            try
            {
                var call = new HttpCallContext(context, CallNames.StreamAlign, deadline, stop.Token);
                pair?.Pin(call);
                Answer answer = await AnswerAsync(index, request, reply, drafts, call);
                await reply.AnswerAsync(answer, stop.Token);
                return answer;
            }
            catch (Exception failure)
            {
                // What follows from stopping the others is no cause.
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(failure), null);
                await stop.CancelAsync();
                return null;
            }
        }
    }

    private async Task<Answer> AnswerAsync(
        int index, CompletionRequest request, IReply reply, UpstreamAnswers? drafts, HttpCallContext call)
    {
        try
        {
            return await PreparedAnswerAsync(index, request, reply, drafts, call);
        }
        finally
        {
            AnswerReading.Forget(call);
        }
    }

    private async Task<Answer> PreparedAnswerAsync(
        int index, CompletionRequest request, IReply reply, UpstreamAnswers? drafts, HttpCallContext call)
    {
        var events = new AnswerStream(index, reply);
        Answer? picked = null;
        ReadTokens? read = null;
        OpenAiException? told = null;
        if (request.TopLogprobs is not null)
        {
            AnswerReading.Prepare(call);
        }

        try
        {
            await calls.StreamAlignAsync(
                new StreamAlignRequest { Spec = request.SpecOf(index) }, events, call,
                async (service, asked, stream, context) =>
                {
                    try
                    {
                        picked = drafts is null ? null : await drafts.MakeAsync(index, service, asked, events, stream, context);
                        if (drafts is null)
                        {
                            await service.StreamAlign(asked, stream, context);
                        }

                        if (picked is null && request.TopLogprobs is { } alternatives)
                        {
                            CheckLogprobs(AnswerReading.ServedOf(context));
                            read = await ReadAsync(context, events.Final!.Response, alternatives);
                        }
                    }
                    catch (OpenAiException failure)
                    {
                        told = failure;
                        throw StatusMapping.ToRpc(failure.Error); // For the log.
                    }
                });
        }
        catch (RpcException) when (told is not null)
        {
            throw told;
        }

        if (picked is not null)
        {
            return picked;
        }

        Answer answer = Answer.Of(index, events.Started!, events.Final!);
        if (read is not null)
        {
            answer = answer with
            {
                Logprobs = Logprobs.Of(
                    AnswerReading.ServedOf(call)!.Tokenizer, events.Final!.Response.TokenIds, read, request.IsChat),
            };
        }

        return drafts is null ? answer : answer with { Sea = answer.Sea with { Upstream = await drafts.FiguresAsync(index) } };
    }

    /// <summary>The answer comes without log-probabilities if there is no time or place for them.</summary>
    private static async Task<ReadTokens?> ReadAsync(ServerCallContext call, ScoredResponse response, int alternatives)
    {
        try
        {
            return await AnswerReading.ReadAsync(call, response, alternatives);
        }
        catch (Exception full) when (full is AlignmentDeadlineException or QueueFullException or QueueTimeoutException)
        {
            return null;
        }
    }

    /// <summary>
    /// The deadline of the call. A run ends a margin before it, which is meant for networks; here the limit is the caller's own, and a
    /// tenth of it suffices.
    /// </summary>
    private DateTime Deadline(TimeSpan? limit, DateTimeOffset now)
    {
        if (limit is not { } given)
        {
            return DateTime.MaxValue;
        }

        TimeSpan margin = engine.Value.DeadlineMargin;
        TimeSpan own = given / 10 < margin ? given / 10 : margin;
        return (now + given - own + margin).UtcDateTime;
    }

    /// <summary>Only JSON: a page of another origin could send other types without asking first.</summary>
    private static void CheckType(HttpRequest request)
    {
        string type = request.ContentType ?? string.Empty;
        string encoding = request.Headers.ContentEncoding.ToString();
        if (!type.Split(';')[0].Trim().Equals(Json, StringComparison.OrdinalIgnoreCase) || encoding is not ("" or "identity"))
        {
            throw new OpenAiException(new OpenAiError(
                StatusCodes.Status415UnsupportedMediaType,
                $"The request must have the header content-type: {Json}, and no content-encoding.", OpenAiError.InvalidRequest));
        }
    }

    private static JsonDocument Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException wrong)
        {
            throw new OpenAiException(
                new OpenAiError(
                    StatusCodes.Status400BadRequest, $"The request's body is not valid JSON: {CallerText.Shown(wrong.Message)}",
                    OpenAiError.InvalidRequest, null, "invalid_json"),
                wrong);
        }
    }
}
