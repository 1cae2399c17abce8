using System.Text.Json;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>One whole answer.</summary>
internal sealed record Answer
{
    public const string Stopped = "stop";
    public const string TooLong = "length";

    /// <summary>Its place among the answers.</summary>
    public required int Index { get; init; }

    /// <summary>Its text.</summary>
    public required string Text { get; init; }

    /// <summary>Why it ends there.</summary>
    public required string FinishReason { get; init; }

    /// <summary>The log-probabilities of its tokens, if they were asked for.</summary>
    public JsonElement? Logprobs { get; init; }

    /// <summary>What the alignment found and spent.</summary>
    public required SeaFigures Sea { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens of the answer, its end included.</summary>
    public required int CompletionTokens { get; init; }

    /// <summary>The answer of an alignment.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="started">How it started.</param>
    /// <param name="final">How it ended.</param>
    public static Answer Of(int index, AlignmentStarted started, AlignmentFinal final)
    {
        ScoredResponse response = final.Response;
        return new Answer
        {
            Index = index,
            Text = response.Text,
            FinishReason = response.EndsWithEos || response.HasStopString ? Stopped : TooLong,
            Sea = Figures(started, final),
            PromptTokens = started.PromptTokens,
            CompletionTokens = response.TokenIds.Count + (response.EndsWithEos ? 1 : 0),
        };
    }

    private static SeaFigures Figures(AlignmentStarted started, AlignmentFinal final)
    {
        ScoredResponse response = final.Response;
        return new SeaFigures
        {
            AlignmentId = started.AlignmentId,
            Method = Contract.ContractMethod.In(started.EffectiveSpec)?.Name,
            Seed = started.EffectiveSpec.Seed,
            Energy = response.Unscored ? null : response.Energy,
            Reward = response.Unscored ? null : response.Reward,
            LogProbability = response.Unscored ? null : response.LogProbability,
            Unscored = response.Unscored ? true : null,
            Draft = TextOf(final.Draft),
            StopReason = NameOf(final.StopReason),
            Iteration = final.Iteration,
            IterationsRun = final.IterationsRun,
            Tokens = new SeaTokens(final.Cost.PolicyTokens, final.Cost.RewardTokens, final.Cost.ReusedTokens),
            QueueMs = final.QueueDuration.ToTimeSpan().TotalMilliseconds,
            RunMs = final.RunDuration.ToTimeSpan().TotalMilliseconds,
            Replayed = final.Replayed ? true : null,
        };
    }

    /// <summary>A response of the contract as the API tells it.</summary>
    public static SeaText TextOf(ScoredResponse response) => response.Unscored
        ? new SeaText(response.Text, null, null, null)
        : new SeaText(response.Text, response.Energy, response.Reward, response.LogProbability);

    /// <summary>TimeLimit as time_limit.</summary>
    private static string NameOf(StopReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}
