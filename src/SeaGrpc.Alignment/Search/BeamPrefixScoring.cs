namespace SeaGrpc.Alignment.Search;

/// <summary>How a beam search scores a response that has not ended.</summary>
public enum BeamPrefixScoring
{
    /// <summary>By the reward as if it ended there: the reward model's suffix (its EOS) follows (ours).</summary>
    EosAppended,

    /// <summary>
    /// By the reward at its last token (the public code): meaningful only where the reward model was trained on prefixes.
    /// </summary>
    Raw,

    /// <summary>By the rewards of completions that the policy samples; they compete as answers (ours).</summary>
    Rollout,
}
