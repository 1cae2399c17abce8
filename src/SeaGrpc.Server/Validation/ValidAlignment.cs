using SeaGrpc.Alignment;
using SeaGrpc.Serving.Requests;

namespace SeaGrpc.Server.Validation;

/// <summary>An alignment that passed every check that needs no tokenisation. Immutable; nothing inside checks again.</summary>
internal sealed record ValidAlignment
{
    public required ValidPrompt Prompt { get; init; }

    public required MethodParameters Method { get; init; }

    public ValidResponse? Draft { get; init; }

    public ValidResponse? Prefix { get; init; }

    public bool PrefixOpen { get; init; }

    /// <summary>Each served reward's mixture weight, in the models' order.</summary>
    public required IReadOnlyList<double> MixtureWeights { get; init; }

    public RequestKey? Key { get; init; }

    public required ulong Seed { get; init; }

    public TimeSpan? TimeLimit { get; init; }

    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>Null: as the server and the models have room.</summary>
    public int? MaxResponseTokens { get; init; }

    public required UpdateSelection Updates { get; init; }
}

/// <summary>Which iterations are reported, for which chains, and with what content.</summary>
/// <param name="EveryNIterations">Only multiples of this.</param>
/// <param name="MinInterval">Least time between two.</param>
/// <param name="Chains">The chains; empty is all.</param>
/// <param name="Text">Whether texts are reported.</param>
/// <param name="ChangedSpans">Whether changed spans are reported.</param>
/// <param name="TokenIds">Whether token ids are reported.</param>
/// <param name="KlPerToken">Whether the divergence per token is reported.</param>
/// <param name="Progress">Whether a search's progress within an iteration is reported.</param>
internal sealed record UpdateSelection(
    int EveryNIterations, TimeSpan MinInterval, IReadOnlySet<int> Chains, bool Text, bool ChangedSpans, bool TokenIds, bool KlPerToken,
    bool Progress);

/// <summary>A Score request that passed every check that needs no tokenisation.</summary>
/// <param name="Pairs">Prompts and responses.</param>
/// <param name="RewardWeight">alpha, in nats per reward unit.</param>
/// <param name="MixtureWeights">Each served reward's mixture weight, in the models' order.</param>
internal sealed record ValidScore(
    IReadOnlyList<(ValidPrompt Prompt, ValidResponse Response)> Pairs, double RewardWeight, IReadOnlyList<double> MixtureWeights);
