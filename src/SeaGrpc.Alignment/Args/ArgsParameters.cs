namespace SeaGrpc.Alignment.Args;

/// <summary>How <c>args</c> scores a response that has not ended.</summary>
public enum ArgsPrefixScoring
{
    /// <summary>As if it ended there: the reward model's suffix (its EOS) follows (ours).</summary>
    EosAppended,

    /// <summary>At its last token (the public code): meaningful only where the reward model was trained on prefixes.</summary>
    Raw,
}

/// <summary>Method <c>args</c>: reward-guided search, one token at a time (ARGS, arXiv 2402.01694).</summary>
public sealed record ArgsParameters : MethodParameters
{
    /// <summary>Candidates k for each next token, the policy's likeliest; at least 1.</summary>
    public int Candidates { get; init; } = 10;

    /// <summary>Weight w of the reward against the candidate's raw logit, in logits per reward unit; at least 0.</summary>
    public double GuidanceWeight { get; init; } = 1;

    /// <summary>Whether the best-scored candidate is taken, or one is drawn from softmax(score / <see cref="Temperature"/>).</summary>
    public bool Greedy { get; init; } = true;

    /// <summary>Temperature of that draw; above 0.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>How a response that has not ended is scored.</summary>
    public ArgsPrefixScoring PrefixScoring { get; init; } = ArgsPrefixScoring.EosAppended;

    /// <summary>Whether a sample of the policy is drawn as the draft where the caller has none; it competes with the search's answer.</summary>
    public bool SampleDraft { get; init; } = true;
}
