using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Models;

/// <summary>What request threads may know and use of the loaded models. Thread-safe; contains no tensors.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Rewards">The rewards, in the models' order.</param>
/// <param name="Tokenizer">The policy's tokenizer.</param>
/// <param name="Prompts">Encodes prompts for all.</param>
/// <param name="HasChatTemplate">Whether the policy takes conversations.</param>
/// <param name="SharedRows">Every model that reads ids of responses has an embedding for those below this one.</param>
/// <param name="HasRewardGradient">Whether every reward has a gradient.</param>
internal sealed record ServedModels(
    ModelDescription Policy, IReadOnlyList<ServedReward> Rewards, Tokenizer Tokenizer, PromptEncoder Prompts, bool HasChatTemplate,
    int SharedRows, bool HasRewardGradient)
{
    /// <summary>Ids of responses that the operator knows: energy_search may start from them.</summary>
    public IReadOnlyList<IReadOnlyList<int>> KnownResponses { get; init; } = [];

    /// <summary>
    /// How much the answer's reward must exceed that of a caller's draft, in requests that do not say it, and a known response's that of
    /// a draft; null if the rewards decide.
    /// </summary>
    public double? MinRewardGain { get; init; }

    /// <summary>What the policy's engine can do; null if the policy is loaded.</summary>
    public PolicyAbilities? Engine { get; init; }

    /// <summary>Where that engine runs; null if the policy is loaded.</summary>
    public string? EngineAddress { get; init; }

    /// <summary>Longest sequence that every reward can read.</summary>
    public int RewardPositions => Rewards.Min(reward => reward.Model.MaxPositions);

    /// <summary>Ids of a prompt are below this: the policy's tokenizer and embedding have them.</summary>
    public int PromptIds => Math.Min(Tokenizer.VocabularySize, Policy.VocabularySize);

    /// <summary>
    /// Ids of a response are below this: the policy's tokenizer and the embedding of every model that reads them have them.
    /// </summary>
    public int ResponseIds => Math.Min(Tokenizer.VocabularySize, SharedRows);

    /// <summary>
    /// How much higher the reward r must be to count as a gain: the operator's value, otherwise the sum of the rewards', each times its
    /// weight. A reward whose scale is not known may change by any amount, so with it everything counts. In units of r, at least 0.
    /// </summary>
    /// <param name="mixtureWeights">The weight of each reward in r.</param>
    public double GainThatCounts(IReadOnlyList<double> mixtureWeights) => Gain(mixtureWeights, gains => gains.Counts);

    /// <summary>How much higher the reward r must be to replace a caller's draft; in the same way.</summary>
    /// <param name="mixtureWeights">The weight of each reward in r.</param>
    public double GainOverDrafts(IReadOnlyList<double> mixtureWeights) => Gain(mixtureWeights, gains => gains.OverDraft);

    /// <summary>
    /// How much higher it must be to replace one that a known response, or another of the caller's, beats; in the same way.
    /// </summary>
    /// <param name="mixtureWeights">The weight of each reward in r.</param>
    public double GainOverBeatenDrafts(IReadOnlyList<double> mixtureWeights) => Gain(mixtureWeights, gains => gains.OverBeatenDraft);

    private double Gain(IReadOnlyList<double> mixtureWeights, Func<RewardGains, double> one)
    {
        (ServedReward Reward, double Weight)[] read = [.. Rewards.Zip(mixtureWeights).Where(own => own.Second != 0)];
        return MinRewardGain
            ?? (read.Any(own => one(own.Reward.Gains) == 0) ? 0 : read.Sum(own => Math.Abs(own.Weight) * one(own.Reward.Gains)));
    }

    /// <param name="models">The models.</param>
    /// <param name="mixtureWeights">The operator's mixture weight of each reward.</param>
    public static ServedModels Of(AlignmentModels models, IReadOnlyList<double> mixtureWeights) => new(
        models.Policy.Description,
        [.. models.Rewards.Select((reward, index) => new ServedReward(reward.Name, reward.Description, mixtureWeights[index])
        {
            RewritesAnswers = reward.RewritesAnswers,
            Gains = reward.Gains,
            ReadsText = reward.ReadsText,
            HasGradient = reward.HasGradient,
            HasExactGradient = reward.HasExactGradient,
            Address = reward.Address,
        })],
        models.Policy.Tokenizer,
        models.Prompts,
        models.Policy.Template is not null,
        models.SharedRows,
        models.HasRewardGradient)
    {
        Engine = models.Engine?.Abilities,
        EngineAddress = models.Engine?.Address,
    };
}

/// <summary>A reward that is served.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Model">The model that reads responses.</param>
/// <param name="MixtureWeight">Its mixture weight for requests that do not set one.</param>
internal sealed record ServedReward(string Name, ModelDescription Model, double MixtureWeight)
{
    /// <summary>Whether its chat template changes some responses.</summary>
    public bool RewritesAnswers { get; init; }

    /// <summary>How much higher it must be for what follows from it, in its own units.</summary>
    public RewardGains Gains { get; init; } = RewardGains.Any;

    /// <summary>Whether it reads the text of responses, and not the policy's tokens.</summary>
    public bool ReadsText { get; init; }

    /// <summary>Whether it tells of the effect of single tokens.</summary>
    public bool HasGradient { get; init; } = true;

    /// <summary>Whether it does so at the policy's own tokens.</summary>
    public bool HasExactGradient { get; init; } = true;

    /// <summary>Where it runs, if that is outside the server; otherwise null.</summary>
    public string? Address { get; init; }

    /// <summary>Whether it only estimates the effect of single tokens.</summary>
    public bool EstimatesGradient => HasGradient && !HasExactGradient;

    /// <summary>Why a method cannot use it; null if it can.</summary>
    public string? Refusal(MethodParameters method) =>
        RewardFit.Refusal(method, Address is { } at ? $"{Name} at {at}" : Name, HasGradient, HasExactGradient);
}
