using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SeaGrpc.Alignment;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Intake;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Security;
using SeaGrpc.Server.Telemetry;
using SeaGrpc.Server.Validation;
using SeaGrpc.Serving;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Services;

/// <summary>Implements the contract's AlignmentService.</summary>
internal sealed class AlignmentGrpcService(
    ModelHost models,
    ServerReadiness readiness,
    AlignmentCall alignment,
    AlignmentBatch batch,
    IOptions<LimitOptions> limits,
    IOptions<TransportOptions> transport,
    ILogger<AlignmentGrpcService> logger
)
{
    /// <summary>Aligns one response and returns it when done.</summary>
    public Task<AlignResponse> Align(AlignRequest request, ServerCallContext call)
    {
        readiness.ThrowUnlessReady();
        return alignment.AlignAsync(request.Spec, call);
    }

    /// <summary>Aligns one response and streams its events.</summary>
    public Task StreamAlign(StreamAlignRequest request, IServerStreamWriter<StreamAlignResponse> stream, ServerCallContext call)
    {
        readiness.ThrowUnlessReady();
        return alignment.RunAsync(
            request.Spec,
            call,
            (job, message) => WriteAsync(message, stream, call, job.Id, () => job.Abandon()));
    }

    /// <summary>Aligns a response for each of several specs and sends each result when it is there.</summary>
    public async Task AlignBatch(AlignBatchRequest request, IServerStreamWriter<AlignBatchResponse> stream, ServerCallContext call)
    {
        readiness.ThrowUnlessReady();
        BatchRequestValidator.Validate(request, limits.Value);
        call.GetHttpContext().Features.GetRequiredFeature<IPreparation>().Prepared();
        await batch.RunAsync(request.Specs, call, result => WriteAsync(result, stream, call, $"spec {result.Index}", () => { }));
    }

    /// <summary>Scores given responses to given prompts.</summary>
    public async Task<ScoreResponse> Score(ScoreRequest request, ServerCallContext call)
    {
        readiness.ThrowUnlessReady();
        using CallerTurn turn = CallerPass.Of(call).Begin();
        using PairUse pair = await models.UseAsync(request.Model, "model", call, null, limits.Value);
        (Task<IReadOnlyList<Alignment.ScoredResponse>> submitted, double weight, long tokens) = SubmitScore(request, pair, call);
        IReadOnlyList<Alignment.ScoredResponse> scores = await ChargedAsync(submitted, turn, tokens);
        return new ScoreResponse
        {
            RewardWeight = weight,
            Results =
            {
                scores.Select(score => new ScoreResult
                {
                    Reward = score.Reward,
                    LogProbability = score.LogProbability,
                    Energy = score.Energy,
                    ResponseTokens = score.Tokens.Count,
                }),
            },
        };
    }

    /// <summary>Ends a waiting or running alignment.</summary>
    public Task<CancelAlignmentResponse> CancelAlignment(CancelAlignmentRequest request, ServerCallContext call)
    {
        bool isAlignment = request.TargetCase == CancelAlignmentRequest.TargetOneofCase.AlignmentId;
        string id = isAlignment ? request.AlignmentId : request.RequestId;
        if (id.Length == 0)
        {
            var violations = new Violations();
            violations.Required("target", "is required: set alignment_id or request_id, not empty");
            violations.ThrowIfAny();
        }

        string caller = CallerPass.Of(call).Identity;
        if (models.Engines.Count == 0)
        {
            throw new Serving.Errors.EngineUnavailableException(EngineState.Loading);
        }

        // More than one engine may know a request id, which belongs to a pair.
        int cancelled = models.Engines.Count(engine => CancelResult.Cancelling
            == (isAlignment ? engine.CancelAlignment(id, caller) : engine.CancelRequest(id, caller)));
        return Task.FromResult(new CancelAlignmentResponse { Cancelled = cancelled > 0 });
    }

    /// <summary>Prepares and submits pairs. Only their tokens wait for their turn; the texts of the request are not kept.</summary>
    private (Task<IReadOnlyList<Alignment.ScoredResponse>> Scores, double Weight, long Tokens) SubmitScore(
        ScoreRequest request, PairUse pair, ServerCallContext call)
    {
        ServedModels served = pair.Served;
        ValidScore valid = new ScoreRequestValidator(limits.Value, served).Validate(request);
        using JobSlot slot = pair.Engine.Reserve(caller: CallerPass.Of(call).Identity);
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs;
        using (CallSpan.Phase("tokenize"))
        {
            pairs = new Tokenization(limits.Value, served, AlignmentCall.End(call)).ToPairs(valid);
        }

        request.Pairs.Clear();
        call.GetHttpContext()
            .Features.GetRequiredFeature<IPreparation>()
            .Prepared(
                sizeof(int)
                    * pairs.Sum(pair =>
                        pair.Response.Count
                        + pair.Prompt.Policy.Count
                        + pair.Prompt.Rewards.Sum(reward => (long)reward.Prefix.Count + reward.Suffix.Count)
                    )
            );
        return (
            slot.SubmitScore(pairs, valid.RewardWeight, AlignmentCall.Limits(call), valid.MixtureWeights, call.CancellationToken),
            valid.RewardWeight,
            pairs.Sum(pair => TokensOf(pair.Prompt, pair.Response.Count))
        );
    }

    /// <summary>Charges the caller for scores, and also for those that fail, unless they never left the queue.</summary>
    private static async Task<IReadOnlyList<Alignment.ScoredResponse>> ChargedAsync(
        Task<IReadOnlyList<Alignment.ScoredResponse>> scores, CallerTurn turn, long tokens)
    {
        try
        {
            turn.Tokens = tokens;
            return await scores;
        }
        catch (Exception failure) when (failure is Serving.Errors.QueueTimeoutException or Serving.Errors.EngineUnavailableException)
        {
            turn.Tokens = 0;
            throw;
        }
    }

    /// <summary>Token positions that the models read to score a pair, each of them alone.</summary>
    private static long TokensOf(EncodedPrompt prompt, int response) =>
        (long)prompt.Policy.Count + response
        + prompt.Rewards.Sum(reward => (long)reward.Prefix.Count + reward.Suffix.Count + response);

    /// <summary>Sends one message within the write timeout, so that a stalled reader does not keep its call for ever.</summary>
    private async Task WriteAsync<TMessage>(
        TMessage message, IServerStreamWriter<TMessage> stream, ServerCallContext call, string name, Action giveUp)
    {
        TimeSpan timeout = transport.Value.WriteTimeout;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            await stream.WriteAsync(message, patience.Token);
        }
        catch (Exception) when (patience.IsCancellationRequested && !call.CancellationToken.IsCancellationRequested)
        {
            logger.ReaderStalled(name, timeout);
            giveUp();
            throw new StalledReaderException(timeout);
        }
    }
}
