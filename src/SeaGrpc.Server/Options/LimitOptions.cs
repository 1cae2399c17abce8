using System.ComponentModel.DataAnnotations;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Options;

/// <summary>Limits of one request. Section <c>SeaGrpc:Limits</c>.</summary>
public sealed record LimitOptions
{
    /// <summary>Maximum length of a prompt in Unicode code points, over all turns; 1 to 10000000, default 20000.</summary>
    [Range(1, 10_000_000)]
    public int MaxPromptCharacters { get; init; } = 20_000;

    /// <summary>
    /// Maximum length of a prompt in tokens of the policy, including its template; 1 to 1000000, default 4096. The models' context length
    /// also applies.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxPromptTokens { get; init; } = 4096;

    /// <summary>Maximum length of a response in tokens; 1 to 100000, default 1024.</summary>
    [Range(1, 100_000)]
    public int MaxResponseTokens { get; init; } = 1024;

    /// <summary>
    /// Maximum length of a response in tokens for requests that do not set one; 1 to 100000, default 128. It is lower if the limit or the
    /// models leave less room, and higher if a draft or prefix needs more.
    /// </summary>
    [Range(1, 100_000)]
    public int DefaultResponseTokens { get; init; } = 128;

    /// <summary>Maximum number of chains for method sea; 1 to 4096, default 64.</summary>
    [Range(1, 4096)]
    public int MaxChains { get; init; } = 64;

    /// <summary>Maximum number of iterations for method sea; 1 to 1000000, default 1000.</summary>
    [Range(1, 1_000_000)]
    public int MaxIterations { get; init; } = 1000;

    /// <summary>
    /// Maximum number of samples of method best_of_n, of drafts and proposals of sea, of candidates of args, and of parallel rows (beams,
    /// successors, rollouts) of chunk_beam_search; 1 to 100000, default 1024.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxSamples { get; init; } = 1024;

    /// <summary>Maximum number of pairs in one Score call; 1 to 10000, default 256.</summary>
    [Range(1, 10_000)]
    public int MaxScorePairs { get; init; } = 256;

    /// <summary>Maximum number of specs in one AlignBatch call; 1 to 10000, default 256.</summary>
    [Range(1, 10_000)]
    public int MaxBatchSpecs { get; init; } = 256;

    /// <summary>Maximum time limit that a request may set; 1 second to 1 day, default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxTimeLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Maximum queue timeout that a request may set; 1 second to 1 day, default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxQueueTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A parameter's range within these limits; null if it is not a number.</summary>
    internal ParameterRange? Within(Parameter parameter) => parameter.Limit switch
    {
        RequestLimit.MaxChains => parameter.Range?.UpTo(MaxChains),
        RequestLimit.MaxIterations => parameter.Range?.UpTo(MaxIterations),
        RequestLimit.MaxSamples => parameter.Range?.UpTo(MaxSamples),
        _ => parameter.Range,
    };
}
