using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Validation;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.V1;
using ScoredResponse = SeaGrpc.V1.ScoredResponse;
using StopReason = SeaGrpc.V1.StopReason;

namespace SeaGrpc.Server.Mapping;

/// <summary>Maps one job's updates to messages of the contract, numbered without gaps, and decodes texts. Not thread-safe.</summary>
/// <param name="job">The job.</param>
/// <param name="started">The started event, without the time in the queue.</param>
/// <param name="updates">What is reported of the chains.</param>
/// <param name="tokenizer">The policy's tokenizer.</param>
internal sealed class EventMapper(AlignmentJob job, AlignmentStarted started, UpdateSelection updates, Tokenizer tokenizer)
{
    private readonly Dictionary<int, string> _draftTexts = [];
    private readonly GrowingText _told = new();
    private long _sequence;

    /// <summary>The messages for one update.</summary>
    public IEnumerable<StreamAlignResponse> Map(AlignmentUpdate next)
    {
        // A replay has no start of its own, but its stream begins like any other.
        if (job.IsReplay && _sequence == 0)
        {
            yield return Number(new StreamAlignResponse { Started = Started(TimeSpan.Zero) });
        }

        yield return Number(next switch
        {
            JobQueued queued => new StreamAlignResponse { Queued = new AlignmentQueued { Position = queued.Position } },
            JobStarted begun => new StreamAlignResponse { Started = Started(begun.Queued) },
            DraftUpdate draft => new StreamAlignResponse { Draft = Draft(draft) },
            IterationUpdate iteration => new StreamAlignResponse { Iteration = Iteration(iteration) },
            ProgressUpdate progress => new StreamAlignResponse { Progress = Progress(progress) },
            JobFinished finished => new StreamAlignResponse { Final = Final(finished) },
            _ => throw new InvalidOperationException($"The contract has no event for {next.GetType().Name}."),
        });
    }

    private StreamAlignResponse Number(StreamAlignResponse message)
    {
        message.Sequence = _sequence++;
        return message;
    }

    private AlignmentStarted Started(TimeSpan queued)
    {
        AlignmentStarted message = started.Clone();
        message.QueueDuration = Duration.FromTimeSpan(queued);
        return message;
    }

    private AlignmentDraft Draft(DraftUpdate draft)
    {
        foreach (ChainSnapshot chain in draft.Chains)
        {
            _draftTexts[chain.Chain] = tokenizer.Decode(chain.Response.Tokens);
        }

        return new AlignmentDraft
        {
            Chains = { draft.Chains.Where(IsTold).Select(Chain) },
            Best = Scored(draft.Best, text: true, ids: true),
            TextDelta = Delta(draft.Best),
        };
    }

    private AlignmentIteration Iteration(IterationUpdate iteration) => new()
    {
        Index = iteration.Index,
        Total = iteration.Total,
        Chains = { iteration.Chains.Where(IsTold).Select(Chain) },
        Best = Scored(iteration.Best, updates.Text, updates.TokenIds),
        LeadingPrefix = iteration.Leading is { } leading ? Leading(leading) : null,
        TextDelta = Delta(iteration.Best),
    };

    private AlignmentProgress Progress(ProgressUpdate progress) => new()
    {
        Best = Scored(progress.Best, updates.Text, updates.TokenIds),
        LeadingPrefix = Leading(progress.Leading),
        TextDelta = Delta(progress.Best),
    };

    private TextDelta? Delta(Alignment.ScoredResponse best) => updates.TextDeltas ? _told.ChangeTo(tokenizer.Decode(best.Tokens)) : null;

    private LeadingPrefix Leading(Alignment.ScoredResponse prefix) => new()
    {
        Text = updates.Text ? tokenizer.Decode(prefix.Tokens) : string.Empty,
        TokenIds = { updates.TokenIds ? prefix.Tokens : [] },
        Energy = prefix.Energy,
    };

    private bool IsTold(ChainSnapshot chain) => updates.Chains.Count == 0 || updates.Chains.Contains(chain.Chain);

    private ChainState Chain(ChainSnapshot chain)
    {
        var state = new ChainState
        {
            Chain = chain.Chain,
            Energy = chain.Response.Energy,
            Reward = chain.Response.Reward,
            LogProbability = chain.Response.LogProbability,
            ChangedTokens = chain.ChangedTokens,
        };
        if (chain.KlToReference is { } divergence)
        {
            state.KlToReference = divergence;
        }

        if (chain.GradientNorm is { } norm)
        {
            state.GradientNorm = norm;
        }

        if (updates.KlPerToken && chain.KlPerToken is { } perToken)
        {
            state.KlPerToken.Add(perToken);
        }

        if (updates.TokenIds)
        {
            state.TokenIds.Add(chain.Response.Tokens);
        }

        if (updates.Text || updates.ChangedSpans)
        {
            AddText(state, tokenizer.Decode(chain.Response.Tokens));
        }

        return state;
    }

    private void AddText(ChainState state, string text)
    {
        if (updates.Text)
        {
            state.Text = text;
        }

        if (updates.ChangedSpans && _draftTexts.TryGetValue(state.Chain, out string? draft))
        {
            state.ChangedSpans.Add(TextChanges.Between(draft, text));
        }
    }

    private AlignmentFinal Final(JobFinished finished)
    {
        AlignmentOutcome outcome = finished.Outcome;
        ScoredResponse response = Scored(outcome.Response, text: true, ids: true);
        ScoredResponse draft = Scored(outcome.Draft, text: true, ids: true);
        return new AlignmentFinal
        {
            Response = response,
            Draft = draft,
            ChangedSpans = { TextChanges.Between(draft.Text, response.Text) },
            Chain = outcome.Chain,
            Iteration = outcome.Iteration,
            IterationsRun = outcome.IterationsRun,
            StopReason = (StopReason)(outcome.StopReason + 1),
            Cost = new V1.AlignmentCost
            {
                ForwardPasses = outcome.Cost.ForwardPasses,
                BackwardPasses = outcome.Cost.BackwardPasses,
                PolicyTokens = outcome.Cost.PolicyTokens,
                RewardTokens = outcome.Cost.RewardTokens,
                ReusedTokens = outcome.Cost.ReusedTokens,
                ComputeDuration = Duration.FromTimeSpan(finished.Computing),
                EngineReadTokens = outcome.Cost.Engine.Read,
                EngineCachedTokens = outcome.Cost.Engine.Cached,
                EngineDrawnTokens = outcome.Cost.Engine.Drawn,
                ForwardTokens = outcome.Cost.ForwardTokens,
                BackwardTokens = outcome.Cost.BackwardTokens,
                GeneratedTokens = response.TokenIds.Count + (response.EndsWithEos ? 1 : 0),
            },
            QueueDuration = Duration.FromTimeSpan(finished.Queued),
            RunDuration = Duration.FromTimeSpan(finished.Running),
            Replayed = job.IsReplay,
            TextDelta = Delta(outcome.Response),
        };
    }

    private ScoredResponse Scored(Alignment.ScoredResponse response, bool text, bool ids)
    {
        var message = new ScoredResponse
        {
            Text = text ? tokenizer.Decode(response.Tokens) : string.Empty,
            TokenIds = { ids ? response.Tokens : [] },
            EndsWithEos = response.EndsWithEos && response.StopString is null,
            Unscored = !response.IsScored,
        };
        if (response.StopString is { } ending)
        {
            message.StopString = ending;
        }

        if (response.IsScored)
        {
            message.Reward = response.Reward;
            message.LogProbability = response.LogProbability;
            message.Energy = response.Energy;
        }

        return message;
    }
}
