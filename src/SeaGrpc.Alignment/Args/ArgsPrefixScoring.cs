namespace SeaGrpc.Alignment.Args;

/// <summary>How <c>args</c> scores a response that has not ended.</summary>
public enum ArgsPrefixScoring
{
    /// <summary>As if it ended there: the reward model's suffix (its EOS) follows (ours).</summary>
    EosAppended,

    /// <summary>At its last token (the public code): meaningful only where the reward model was trained on prefixes.</summary>
    Raw,
}
