using Grpc.Core;
using SeaGrpc.Server.Contract;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.OpenAi.Calls;
using SeaGrpc.Server.OpenAi.Errors;
using SeaGrpc.Server.OpenAi.Replies;
using SeaGrpc.Server.OpenAi.Requests;
using SeaGrpc.Server.Options;
using SeaGrpc.Server.Services;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Upstream;

/// <summary>
/// The answers of one request whose drafts come from a backend. The first answer of each prompt asks for them, inside its own call; the
/// others share them.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="options">The settings.</param>
/// <param name="client">Asks the backend.</param>
/// <param name="now">When the request came.</param>
internal sealed class UpstreamAnswers(CompletionRequest request, UpstreamOptions options, UpstreamClient client, DateTimeOffset now)
{
    private readonly Lock _gate = new();
    private readonly Task<RankedDrafts>?[] _drafts = new Task<RankedDrafts>?[request.Prompts.Count];

    /// <summary>Makes one answer.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="service">Scores and aligns.</param>
    /// <param name="asked">The spec of the answer.</param>
    /// <param name="events">Has seen the alignment's events.</param>
    /// <param name="writer">Receives them.</param>
    /// <param name="call">The answer's call.</param>
    /// <returns>The answer; null if it is the alignment's.</returns>
    public async Task<Answer?> MakeAsync(
        int index, AlignmentGrpcService service, StreamAlignRequest asked, AnswerStream events,
        IServerStreamWriter<StreamAlignResponse> writer, ServerCallContext call)
    {
        RankedDrafts drafts = await SharedAsync(index / request.Choices, service, asked.Spec, call);
        if (drafts.Drafts.Count == 0)
        {
            Localize(asked.Spec);
            await service.StreamAlign(asked, writer, call);
            return null;
        }

        if (request.Picks || drafts.Failure is not null)
        {
            return Picked(index, drafts);
        }

        asked.Spec.DraftResponse = new ResponseContent { Text = drafts.Drafts[0].Text };
        if ((ContractMethod.In(asked.Spec) ?? ContractMethod.Default).Schema.Record
            == typeof(Alignment.EnergySearch.EnergySearchParameters))
        {
            asked.Spec.AlternativeResponses.AddRange(
                drafts.Drafts.Skip(1).Select(draft => new ResponseContent { Text = draft.Text }));
        }

        try
        {
            await service.StreamAlign(asked, writer, call);
            return null;
        }
        catch (Exception failure) when (IsExcused(failure, call) && events.Final is null)
        {
            return Picked(index, drafts with { Failure = Told(failure) });
        }
    }

    /// <summary>What the backend contributed to an answer.</summary>
    public async Task<SeaUpstream> FiguresAsync(int index)
    {
        RankedDrafts drafts = await _drafts[index / request.Choices]!;
        return Figures(drafts);
    }

    private Task<RankedDrafts> SharedAsync(int prompt, AlignmentGrpcService service, AlignmentSpec spec, ServerCallContext call)
    {
        lock (_gate)
        {
            return _drafts[prompt] ??= RankAsync(prompt, service, spec.Clone(), call);
        }
    }

    private async Task<RankedDrafts> RankAsync(int prompt, AlignmentGrpcService service, AlignmentSpec spec, ServerCallContext call)
    {
        UpstreamDrafts told;
        try
        {
            int count = Math.Max(request.Choices, request.Drafts ?? (spec.BestOfN is { HasSampleCount: true } best
                ? Math.Clamp(best.SampleCount, 1, OpenAiLimits.MostPrompts)
                : options.Drafts));
            told = await client.DraftAsync(request, prompt, count, now + request.TimeLimit, call.CancellationToken);
        }
        catch (UpstreamException failure) when (!failure.IsRefusal && options.OnFailure == UpstreamFailure.Local)
        {
            return new RankedDrafts([], null, null, failure.Error);
        }
        catch (UpstreamException failure)
        {
            throw new OpenAiException(failure.Error, failure);
        }

        try
        {
            return await ScoreAsync(told, service, spec, call);
        }
        catch (Exception failure) when (IsExcused(failure, call))
        {
            return new RankedDrafts(told.Drafts, null, told, Told(failure));
        }
    }

    /// <summary>Scores the drafts. Those that the models cannot read are left out if others remain.</summary>
    private static async Task<RankedDrafts> ScoreAsync(
        UpstreamDrafts told, AlignmentGrpcService service, AlignmentSpec spec, ServerCallContext call)
    {
        IReadOnlyList<UpstreamDraft> drafts = told.Drafts;
        while (true)
        {
            var request = new ScoreRequest { RewardShares = { spec.RewardShares }, Model = spec.Model };
            if (spec.HasRewardModel)
            {
                request.RewardModel = spec.RewardModel;
            }

            request.Pairs.AddRange(drafts.Select(draft =>
                new ScorePair { Prompt = spec.Prompt, Response = new ResponseContent { Text = draft.Text } }));
            try
            {
                ScoreResponse scores = await service.Score(request, call);
                (UpstreamDraft Draft, double Reward)[] ranked =
                    [.. drafts.Zip(scores.Results, (draft, score) => (draft, score.Reward)).OrderByDescending(one => one.Reward)];
                return new RankedDrafts([.. ranked.Select(one => one.Draft)], [.. ranked.Select(one => one.Reward)], told, null);
            }
            catch (InvalidRequestException invalid) when (Readable(drafts, invalid) is { Count: > 0 } rest && rest.Count < drafts.Count)
            {
                drafts = rest;
            }
        }
    }

    /// <summary>The drafts without a violation.</summary>
    private static IReadOnlyList<UpstreamDraft> Readable(IReadOnlyList<UpstreamDraft> drafts, InvalidRequestException invalid) =>
        invalid.Unlisted > 0 ? [] :
        [
            .. drafts.Where((_, index) =>
                !invalid.Violations.Any(violation => violation.Field.StartsWith($"pairs[{index}].", StringComparison.Ordinal))),
        ];

    private Answer Picked(int index, RankedDrafts drafts)
    {
        int place = index % request.Choices % drafts.Drafts.Count;
        UpstreamDraft draft = drafts.Drafts[place];
        return new Answer
        {
            Index = index,
            Text = draft.Text,
            FinishReason = draft.FinishReason,
            Logprobs = draft.Logprobs,
            PromptTokens = drafts.Told!.PromptTokens,
            CompletionTokens = index % request.Choices == 0 ? drafts.Told.CompletionTokens : 0, // All drafts were made for it.
            Sea = new SeaFigures
            {
                Method = request.Picks ? "best_of_n" : null,
                Reward = drafts.Rewards?[place],
                Unscored = drafts.Rewards is null ? true : null,
                Upstream = Figures(drafts),
            },
        };
    }

    private static SeaUpstream Figures(RankedDrafts drafts) => new()
    {
        Model = drafts.Told?.Model,
        Drafts = drafts.Drafts.Count,
        Rewards = drafts.Rewards,
        Failure = drafts.Failure?.Message,
    };

    /// <summary>Best of n with the policy's own samples has as many of them as there would have been drafts.</summary>
    private void Localize(AlignmentSpec spec)
    {
        if (spec.BestOfN is { HasSampleCount: false } best)
        {
            best.SampleCount = request.Drafts ?? options.Drafts;
        }
    }

    private bool IsExcused(Exception failure, ServerCallContext call) =>
        options.OnAlignmentFailure == UpstreamAlignmentFailure.Draft && !call.CancellationToken.IsCancellationRequested
        && failure is not (UnknownModelException or StalledReaderException) && ErrorMapping.TryMap(failure) is not null
        && (failure is not InvalidRequestException invalid
            || invalid.Violations.All(violation => violation.Field.Contains(".response", StringComparison.Ordinal)
                || violation.Field.StartsWith("spec.draft_response", StringComparison.Ordinal)));

    private OpenAiError Told(Exception failure) => StatusMapping.Of(ErrorMapping.TryMap(failure)!, request.Names.Of);
}
