namespace SeaGrpc.Alignment;

/// <summary>One alignment, validated and tokenised: all that an algorithm needs besides the models. Immutable.</summary>
public sealed record AlignmentTask
{
    /// <summary>The prompt in ids.</summary>
    public required EncodedPrompt Prompt { get; init; }

    /// <summary>What runs, with its parameters complete.</summary>
    public required MethodParameters Method { get; init; }

    /// <summary>
    /// Each reward's mixture weight in r, in the order of <see cref="AlignmentModels.Rewards"/>; one of weight 0 reads nothing. Null is 1
    /// for each.
    /// </summary>
    public IReadOnlyList<double>? MixtureWeights { get; init; }

    /// <summary>Seed of every random number of this run; all 64 bits count. Same seed, same result on one CPU.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Longest response in tokens, EOS included; at least 1.</summary>
    public required int MaxResponseTokens { get; init; }

    /// <summary>
    /// The caller's own draft in ids (no EOS), or null: drafts are then sampled from the policy. Scored before anything is sampled; it
    /// starts with <see cref="ResponsePrefix"/> where that is not open.
    /// </summary>
    public IReadOnlyList<int>? Draft { get; init; }

    /// <summary>Ids that every response starts with; may be empty.</summary>
    public IReadOnlyList<int> ResponsePrefix { get; init; } = [];

    /// <summary>Whether the prefix may be changed by the optimiser (true) or stays as given (false).</summary>
    public bool ResponsePrefixOpen { get; init; }
}
