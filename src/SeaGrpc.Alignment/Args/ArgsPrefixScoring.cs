namespace SeaGrpc.Alignment.Args;

/// <summary>How <c>args</c> scores a response that has not ended.</summary>
public enum ArgsPrefixScoring
{
    /// <summary>As if it ended there, with the reward model's suffix (its EOS) appended (ours).</summary>
    EosAppended,

    /// <summary>At its last token, as in the published code. Meaningful only if the reward model was trained on prefixes.</summary>
    Raw,
}
