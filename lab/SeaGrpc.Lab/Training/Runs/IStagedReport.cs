using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>Measures trained models against a world's judge, on prompts that neither training nor evaluation uses.</summary>
internal interface IStagedReport
{
    /// <summary>Writes what a policy is like.</summary>
    /// <param name="strength">Names the policy.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="endId">The id that ends a response.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    void WritePolicy(string strength, TransformerDecoder policy, int endId, CancellationToken cancellation);

    /// <summary>Writes how often the reward model orders pairs rightly.</summary>
    void WriteReward(RewardNetwork reward, CancellationToken cancellation);
}
