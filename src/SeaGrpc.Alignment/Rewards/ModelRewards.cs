using SeaGrpc.Alignment.Rewards.Texts;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>
/// Makes rewards of reward models: one that has the policy's vocabulary reads the policy's ids, and any other reads the text of answers.
/// </summary>
public static class ModelRewards
{
    /// <summary>Makes the reward and takes ownership of the model, unless it fails.</summary>
    /// <param name="name">Its name, for requests.</param>
    /// <param name="model">The reward model.</param>
    /// <param name="policy">The policy, which stays the caller's.</param>
    /// <exception cref="ChatTemplateException">Its chat template cannot render one user turn and its answer, or leaves the answer
    /// out.</exception>
    public static IReward Of(string name, RewardModel model, PolicyModel policy)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(policy);
        return CommonVocabulary.IsOne(policy.Vocabulary(), model.Vocabulary())
            ? new ModelReward(name, model)
            : new TextModelReward(name, model, policy);
    }

    /// <summary>Loads a reward model and makes the reward. If its template does not fit, the model is disposed.</summary>
    /// <param name="load">Loads the model.</param>
    /// <param name="policy">The policy, which stays the caller's.</param>
    /// <param name="name">Its name, for requests; null for the model's own.</param>
    /// <exception cref="ChatTemplateException">Its chat template cannot render one user turn and its answer, or leaves the answer
    /// out.</exception>
    public static IReward Load(Func<RewardModel> load, PolicyModel policy, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(load);
        RewardModel model = load();
        try
        {
            return Of(name ?? model.Description.Name, model, policy);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The policy's vocabulary.</summary>
    internal static ModelVocabulary Vocabulary(this PolicyModel policy) =>
        new("policy", policy.Description.Name, policy.Tokenizer, policy.Description.VocabularySize);

    /// <summary>A reward model's vocabulary.</summary>
    internal static ModelVocabulary Vocabulary(this RewardModel model) =>
        new("reward model", model.Description.Name, model.Tokenizer, model.Decoder.Config.VocabularySize);
}
