using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Alignment;
using SeaGrpc.Server.Models;
using SeaGrpc.Server.Validation;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Mapping;

/// <summary>The spec in effect, which the started event returns.</summary>
internal static class EffectiveSpec
{
    /// <summary>The spec with all defaults and the seed filled in, without the prompt, the prefix and the caller's responses.</summary>
    /// <param name="valid">The request.</param>
    /// <param name="task">The task that runs.</param>
    /// <param name="pair">Name of the pair that it runs on.</param>
    /// <param name="models">The pair's models.</param>
    /// <param name="defaultQueueTimeout">The server's default queue timeout.</param>
    public static AlignmentSpec Of(
        ValidAlignment valid, AlignmentTask task, string pair, ServedModels models, TimeSpan defaultQueueTimeout)
    {
        UpdateSelection updates = valid.Updates;
        var spec = new AlignmentSpec
        {
            Seed = task.Seed,
            MaxResponseTokens = task.MaxResponseTokens,
            Model = pair,
            PolicyModel = models.Policy.Name,
            QueueTimeout = Duration.FromTimeSpan(valid.QueueTimeout ?? defaultQueueTimeout),
            TimeLimit = valid.TimeLimit is { } limit ? Duration.FromTimeSpan(limit) : null,
            Updates = new UpdateOptions
            {
                EveryNIterations = updates.EveryNIterations,
                MinInterval = Duration.FromTimeSpan(updates.MinInterval),
                IncludeText = updates.Text,
                IncludeChangedSpans = updates.ChangedSpans,
                IncludeTokenIds = updates.TokenIds,
                IncludeKlPerToken = updates.KlPerToken,
                IncludeProgress = updates.Progress,
                TextDeltas = updates.TextDeltas,
                Chains = { updates.Chains.Order() },
            },
        };
        if (models.Rewards.Count == 1)
        {
            spec.RewardModel = models.Rewards[0].Name;
        }
        else
        {
            spec.RewardShares.AddRange(
                models.Rewards.Zip(valid.MixtureWeights, (reward, weight) => new RewardShare { Name = reward.Name, Share = weight })
                .Where(reward => reward.Share != 0));
        }

        if (valid.Key is { } key)
        {
            spec.RequestId = key.Id;
        }

        if (task.SufficientReward is { } sufficient)
        {
            spec.SufficientReward = sufficient;
        }

        if (task.Draft is not null)
        {
            spec.MinRewardGain = task.MinRewardGain;
            spec.BeatenDraftGain = task.BeatenDraftGain ?? task.MinRewardGain;
        }

        spec.StopStrings.AddRange(valid.StopStrings);
        if (valid.TokenAlternatives is { } alternatives)
        {
            spec.TokenAlternatives = alternatives;
        }

        MethodMapper.Write(task.Method, spec);
        return spec;
    }
}
