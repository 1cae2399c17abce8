using SeaGrpc.Alignment;
using SeaGrpc.Serving.Requests;

namespace SeaGrpc.Server.Validation;

/// <summary>An alignment that passed all checks that need no tokenisation. Immutable; no later step checks it again.</summary>
internal sealed record ValidAlignment
{
    public required ValidPrompt Prompt { get; init; }

    public required MethodParameters Method { get; init; }

    public ValidResponse? Draft { get; init; }

    public IReadOnlyList<ValidResponse> Alternatives { get; init; } = [];

    /// <summary>The whole responses that the caller has: the draft, if there is one, and then its alternatives.</summary>
    public IEnumerable<ValidResponse> GivenResponses => Draft is null ? Alternatives : [Draft, .. Alternatives];

    public ValidResponse? Prefix { get; init; }

    public bool PrefixOpen { get; init; }

    /// <summary>Each served reward's mixture weight, in the models' order.</summary>
    public required IReadOnlyList<double> MixtureWeights { get; init; }

    public RequestKey? Key { get; init; }

    public required ulong Seed { get; init; }

    public TimeSpan? TimeLimit { get; init; }

    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>Null for as many as the server and the models have room for.</summary>
    public int? MaxResponseTokens { get; init; }

    public double? SufficientReward { get; init; }

    /// <summary>How much the answer's reward must exceed the draft's; 0 without a draft.</summary>
    public double MinRewardGain { get; init; }

    /// <summary>The same where the reward prefers a given response to the draft.</summary>
    public double BeatenDraftGain { get; init; }

    /// <summary>Texts that end a response.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Number of the likeliest tokens told at each token of the answer; null to tell nothing of its tokens.</summary>
    public int? TokenAlternatives { get; init; }

    public required UpdateSelection Updates { get; init; }
}

/// <summary>Which iterations are reported, for which chains, and with what content.</summary>
/// <param name="EveryNIterations">Only iterations whose index is a multiple of this.</param>
/// <param name="MinInterval">Minimum time between two reported iterations.</param>
/// <param name="Chains">The chains to report; empty for all.</param>
/// <param name="Text">Whether to report texts.</param>
/// <param name="ChangedSpans">Whether to report changed spans.</param>
/// <param name="TokenIds">Whether to report token ids.</param>
/// <param name="KlPerToken">Whether to report the divergence per token.</param>
/// <param name="Progress">Whether to report a search's progress within an iteration.</param>
/// <param name="TextDeltas">Whether to report how the best response's text changes.</param>
internal sealed record UpdateSelection(
    int EveryNIterations, TimeSpan MinInterval, IReadOnlySet<int> Chains, bool Text, bool ChangedSpans, bool TokenIds, bool KlPerToken,
    bool Progress, bool TextDeltas);

/// <summary>A Score request that passed all checks that need no tokenisation.</summary>
/// <param name="Pairs">Prompts and responses.</param>
/// <param name="RewardWeight">alpha, in nats per reward unit.</param>
/// <param name="MixtureWeights">Each served reward's mixture weight, in the models' order.</param>
internal sealed record ValidScore(
    IReadOnlyList<(ValidPrompt Prompt, ValidResponse Response)> Pairs, double RewardWeight, IReadOnlyList<double> MixtureWeights);
