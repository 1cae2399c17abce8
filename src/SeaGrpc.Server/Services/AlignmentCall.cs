using System.Diagnostics;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Intake;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Mapping;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Security;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Server.Validation;
using SeaGrpc.Serving;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Services;

/// <summary>
/// One alignment from its spec to its updates, for every RPC that aligns: (1) check what the caller may do, (2) use the models that the
/// spec names, which may have to be loaded first, (3) validate, (4) take a slot, (5) tokenise, (6) submit, (7) pass on every update, (8)
/// read the answer's tokens if the caller asks for them. If the caller disconnects, the run ends.
/// </summary>
internal sealed class AlignmentCall(ModelHost models, IOptions<LimitOptions> limits)
{
    private static readonly JobUpdateOptions NoIterations = new(int.MaxValue, TimeSpan.Zero);

    /// <summary>Runs the alignment and passes on every event.</summary>
    /// <param name="spec">The request's spec.</param>
    /// <param name="call">The caller's deadline and cancellation.</param>
    /// <param name="write">Receives the messages in order.</param>
    public Task RunAsync(AlignmentSpec? spec, ServerCallContext call, Func<AlignmentJob, StreamAlignResponse, Task> write) =>
        RunAsync(spec, call, write, Updates, call.CancellationToken);

    /// <summary>The limits that follow from a call's deadline.</summary>
    public static JobLimits Limits(ServerCallContext call) =>
        new() { Priority = RequestPriority.Of(call), Deadline = Deadline(call) };

    /// <summary>Until when it is worth encoding a call's texts.</summary>
    public static CallEnd End(ServerCallContext call) =>
        new(call.Deadline == DateTime.MaxValue ? null : call.Deadline.ToUniversalTime() - DateTime.UtcNow, call.CancellationToken);

    /// <summary>Runs the alignment to its end.</summary>
    /// <param name="spec">The request's spec.</param>
    /// <param name="call">The caller's deadline and cancellation.</param>
    /// <param name="end">Ends the run as the caller's disconnecting does; null for that alone.</param>
    public async Task<AlignResponse> AlignAsync(AlignmentSpec? spec, ServerCallContext call, CancellationToken? end = null)
    {
        var response = new AlignResponse();
        await RunAsync(
            spec,
            call,
            (_, message) =>
            {
                response.Started = message.Started ?? response.Started;
                response.Final = message.Final ?? response.Final;
                return Task.CompletedTask;
            },
            _ => NoIterations,
            end ?? call.CancellationToken);
        return response;
    }

    private async Task RunAsync(
        AlignmentSpec? spec, ServerCallContext call, Func<AlignmentJob, StreamAlignResponse, Task> write,
        Func<UpdateSelection, JobUpdateOptions> updates, CancellationToken end)
    {
        CallerPass caller = CallerPass.Of(call);
        using CallerTurn turn = caller.Begin(spec); // 1
        using PairUse pair = await models.UseAsync(
            spec?.Model ?? string.Empty, "spec.model", call, spec?.QueueTimeout, limits.Value); // 2
        ServedModels served = pair.Served;
        ValidAlignment valid = new AlignmentSpecValidator(limits.Value, served).Validate(spec); // 3
        using JobSlot slot = pair.Engine.Reserve(valid.Key, caller.Identity); // 4
        AlignmentTask task;
        using (CallSpan.Phase("tokenize"))
        {
            task = new Tokenization(limits.Value, served, End(call)).ToTask(valid); // 5
        }

        call.GetHttpContext().Features.GetRequiredFeature<IPreparation>().Prepared();
        AlignmentJob job = slot.Replay ?? slot.Submit(task, Limits(valid, call), updates(valid.Updates)); // 6
        var started = new AlignmentStarted
        {
            AlignmentId = job.Id,
            EffectiveSpec = EffectiveSpec.Of(valid, task, pair.Name, served, pair.Engine.Options.QueueTimeout),
            PromptTokens = task.Prompt.Policy.Count,
            PolicySha256 = served.Policy.Hash,
        };
        AnswerReading.Remember(task, pair, call);
        CallRecord? record = CallRecord.Of(call);
        record?.Began(started);
        var mapper = new EventMapper(job, started, valid.Updates, served.Tokenizer);
        long figureTokens = 0;
        try
        {
            await foreach (AlignmentUpdate next in job.ReadAllAsync(end)) // 7
            {
                using Activity? finish = next is JobFinished ? CallSpan.Phase("finish") : null;
                foreach (StreamAlignResponse message in mapper.Map(next))
                {
                    if (message.Started is { } begun)
                    {
                        record?.Began(begun);
                    }

                    if (message.Final is { } final && valid.TokenAlternatives is { } alternatives)
                    {
                        final.TokenFigures = await AnswerReading.FiguresAsync(call, pair, task, final.Response, alternatives); // 8
                        figureTokens = (final.TokenFigures?.PolicyTokens + final.TokenFigures?.RewardTokens) ?? 0;
                    }

                    await write(job, message);
                }
            }
        }
        catch (Exception failure)
        {
            record?.Failed(failure);
            throw;
        }
        finally
        {
            job.Abandon(); // Does nothing if the job has ended.
            turn.Tokens = job.TokensRead + figureTokens;
        }
    }

    private static JobLimits Limits(ValidAlignment valid, ServerCallContext call) =>
        new()
        {
            Priority = RequestPriority.Of(call),
            Deadline = Deadline(call),
            TimeLimit = valid.TimeLimit,
            QueueTimeout = valid.QueueTimeout
        };

    private static DateTimeOffset? Deadline(ServerCallContext call) =>
        call.Deadline == DateTime.MaxValue ? null : new DateTimeOffset(call.Deadline.ToUniversalTime());

    private static JobUpdateOptions Updates(UpdateSelection updates) =>
        new(updates.EveryNIterations, updates.MinInterval, updates.Progress);
}
