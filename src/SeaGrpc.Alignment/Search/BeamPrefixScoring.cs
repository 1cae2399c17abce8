namespace SeaGrpc.Alignment.Search;

/// <summary>How a search scores a response that has not ended.</summary>
public enum BeamPrefixScoring
{
    /// <summary>By its reward if it ended there, with the reward model's suffix (its EOS) appended (ours).</summary>
    EosAppended,

    /// <summary>
    /// By the reward at its last token, as in the published code. Meaningful only if the reward model was trained on prefixes.
    /// </summary>
    Raw,

    /// <summary>By the rewards of completions that are sampled from the policy. The completions compete as answers (ours).</summary>
    Rollout,
}
