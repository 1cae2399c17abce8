namespace SeaGrpc.Alignment;

/// <summary>One prompt in ids, for both models. Made by <see cref="PromptEncoder"/>.</summary>
/// <param name="Policy">Ids that the policy reads before the response, with exactly one BOS where the model has one; never empty.</param>
/// <param name="RewardPrefix">Ids that the reward model reads before the response; never empty.</param>
/// <param name="RewardSuffix">Ids that follow the response in the reward model's template, or its EOS; the score is read at the last of them. Never empty.</param>
public sealed record EncodedPrompt(IReadOnlyList<int> Policy, IReadOnlyList<int> RewardPrefix, IReadOnlyList<int> RewardSuffix);

/// <summary>One alignment, validated and tokenised: all that an algorithm needs besides the models. Immutable.</summary>
public sealed record AlignmentTask
{
    /// <summary>The prompt in ids.</summary>
    public required EncodedPrompt Prompt { get; init; }

    /// <summary>What runs, with its parameters complete.</summary>
    public required MethodParameters Method { get; init; }

    /// <summary>Seed of every random number of this run. Same seed, same result on one CPU.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Longest response in tokens, EOS included; at least 1.</summary>
    public required int MaxResponseTokens { get; init; }

    /// <summary>The caller's own draft in ids (no EOS), or null: drafts are then sampled from the policy.</summary>
    public IReadOnlyList<int>? Draft { get; init; }

    /// <summary>Ids that every response starts with; may be empty.</summary>
    public IReadOnlyList<int> ResponsePrefix { get; init; } = [];

    /// <summary>Whether the prefix may be changed by the optimiser (true) or stays as given (false).</summary>
    public bool ResponsePrefixOpen { get; init; }
}
