namespace SeaGrpc.Alignment;

/// <summary>One alignment, validated and tokenised: everything that an algorithm needs besides the models. Immutable.</summary>
public sealed record AlignmentTask
{
    /// <summary>The prompt as ids.</summary>
    public required EncodedPrompt Prompt { get; init; }

    /// <summary>The method, with complete parameters.</summary>
    public required MethodParameters Method { get; init; }

    /// <summary>
    /// The mixture weight of each reward in r, in the order of <see cref="AlignmentModels.Rewards"/>. A reward with weight 0 reads nothing.
    /// Null for 1 each.
    /// </summary>
    public IReadOnlyList<double>? MixtureWeights { get; init; }

    /// <summary>Seed of every random number of the run; all 64 bits count. The same seed gives the same result on one CPU.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Maximum length of the response in tokens, including EOS; at least 1.</summary>
    public required int MaxResponseTokens { get; init; }

    /// <summary>The reward r at which the best response is good enough and the run ends; finite. Null to run on.</summary>
    public double? SufficientReward { get; init; }

    /// <summary>
    /// The caller's draft as ids (without EOS), or null to sample drafts from the policy. It is scored before anything is sampled. It
    /// starts with <see cref="ResponsePrefix"/> unless that is open.
    /// </summary>
    public IReadOnlyList<int>? Draft { get; init; }

    /// <summary>
    /// How much the answer's reward must exceed that of <see cref="Draft"/>, or else the draft is the answer; finite, at least 0.
    /// </summary>
    public double MinRewardGain { get; init; }

    /// <summary>
    /// The same for a draft that is beaten: the reward of one of <see cref="Alternatives"/> or <see cref="KnownResponses"/> exceeds its
    /// own by <see cref="KnownResponseGain"/>. Nobody has chosen these for their reward, so they tell more of a draft than what a search
    /// has found. Finite, at least 0. Null for <see cref="MinRewardGain"/>.
    /// </summary>
    public double? BeatenDraftGain { get; init; }

    /// <summary>
    /// Other responses of the caller as ids (without EOS), each shorter than <see cref="MaxResponseTokens"/>. Method energy_search starts
    /// from the one of lowest energy, the draft included; other methods take none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Alternatives { get; init; } = [];

    /// <summary>
    /// Responses that are known for every prompt, as ids (without EOS), such as refusals; each shorter than
    /// <see cref="MaxResponseTokens"/>. Method energy_search may start from one whose reward is higher than the draft's, by at least
    /// <see cref="KnownResponseGain"/>; other methods take none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> KnownResponses { get; init; } = [];

    /// <summary>
    /// How much the reward of one of <see cref="KnownResponses"/> must exceed the draft's to be a start; finite, at least 0.
    /// </summary>
    public double KnownResponseGain { get; init; }

    /// <summary>Most fluency that the answer may lose against its draft, in nats per token; null for no limit.</summary>
    internal double? FluencyLoss => Method is DraftedParameters { MaxFluencyLoss: < DraftedParameters.NoLimit and var loss } ? loss : null;

    /// <summary>Ids that every response starts with. May be empty.</summary>
    public IReadOnlyList<int> ResponsePrefix { get; init; } = [];

    /// <summary>Whether the optimiser may change the prefix (true) or must keep it (false).</summary>
    public bool ResponsePrefixOpen { get; init; }

    /// <summary>
    /// Texts that end a response; null if there are none. The caller's responses have been cut with them. They remember what was cut, so
    /// every task has its own.
    /// </summary>
    public StopStrings? Stops { get; init; }
}
