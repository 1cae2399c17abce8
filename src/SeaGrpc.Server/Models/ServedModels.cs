using SeaGrpc.Alignment;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Models;

/// <summary>What request threads may know and use of the loaded models. Thread-safe; contains no tensors.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Rewards">The rewards, in the models' order.</param>
/// <param name="Tokenizer">The policy's tokenizer.</param>
/// <param name="Prompts">Encodes prompts for all.</param>
/// <param name="HasChatTemplate">Whether the policy takes conversations.</param>
/// <param name="SharedRows">Every model has an embedding for the ids below this one.</param>
/// <param name="HasRewardGradient">Whether every reward has a gradient.</param>
internal sealed record ServedModels(
    ModelDescription Policy, IReadOnlyList<ServedReward> Rewards, Tokenizer Tokenizer, PromptEncoder Prompts, bool HasChatTemplate,
    int SharedRows, bool HasRewardGradient)
{
    /// <summary>Longest sequence that every reward can read.</summary>
    public int RewardPositions => Rewards.Min(reward => reward.Model.MaxPositions);

    /// <summary>Ids of a prompt are below this: the policy's tokenizer and embedding have them.</summary>
    public int PromptIds => Math.Min(Tokenizer.VocabularySize, Policy.VocabularySize);

    /// <summary>
    /// Ids of a response are below this: the policy's tokenizer and the embedding of every model that reads the response have them.
    /// </summary>
    public int ResponseIds => Math.Min(Tokenizer.VocabularySize, SharedRows);

    /// <param name="models">The models.</param>
    /// <param name="mixtureWeights">The operator's mixture weight of each reward.</param>
    public static ServedModels Of(AlignmentModels models, IReadOnlyList<double> mixtureWeights) => new(
        models.Policy.Description,
        [.. models.Rewards.Select(
            (reward, index) => new ServedReward(
                reward.Name, reward.Description, mixtureWeights[index], reward.RewritesAnswers, reward.HasGradient, reward.Address))],
        models.Policy.Tokenizer,
        models.Prompts,
        models.Policy.Template is not null,
        models.SharedRows,
        models.HasRewardGradient);
}

/// <summary>A reward that is served.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Model">The model that reads responses.</param>
/// <param name="MixtureWeight">Its mixture weight for requests that do not set one.</param>
/// <param name="RewritesAnswers">Whether its chat template changes some responses.</param>
/// <param name="HasGradient">Whether it has a gradient.</param>
/// <param name="Address">Where it runs, if that is outside the server; otherwise null.</param>
internal sealed record ServedReward(
    string Name, ModelDescription Model, double MixtureWeight, bool RewritesAnswers, bool HasGradient = true, string? Address = null);
