using SeaGrpc.Modeling;

namespace SeaGrpc.Alignment;

/// <summary>A policy and a reward model that fit each other: the same ids mean the same tokens.</summary>
public sealed class AlignmentModels : IDisposable
{
    /// <summary>Compares the vocabularies token by token and takes both models over.</summary>
    /// <exception cref="VocabularyMismatchException">They differ; the message names the first differing ids.</exception>
    public AlignmentModels(PolicyModel policy, RewardModel reward)
    {
        Policy = policy;
        Reward = reward;
        Prompts = new PromptEncoder(policy, reward);
    }

    /// <summary>The reference policy pi_ref.</summary>
    public PolicyModel Policy { get; }

    /// <summary>The reward model r.</summary>
    public RewardModel Reward { get; }

    /// <summary>Encodes prompts for both.</summary>
    public PromptEncoder Prompts { get; }

    /// <summary>Makes the run of a task; nothing is computed before its first <see cref="IAlignmentRun.Advance"/>.</summary>
    public IAlignmentRun Start(AlignmentTask task) => throw new NotImplementedException();

    /// <summary>Scores given responses (ids without EOS; each is scored as ended by EOS). Independent of batch and padding.</summary>
    /// <param name="pairs">Prompts and response ids.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    public IReadOnlyList<ScoredResponse> Score(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, double rewardWeight) => throw new NotImplementedException();

    /// <summary>Disposes both models.</summary>
    public void Dispose()
    {
        Policy.Dispose();
        Reward.Dispose();
    }
}

/// <summary>A policy and a reward model whose vocabularies differ.</summary>
public sealed class VocabularyMismatchException(string message) : Exception(message);
