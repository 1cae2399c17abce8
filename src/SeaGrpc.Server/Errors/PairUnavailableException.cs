namespace SeaGrpc.Server.Errors;

/// <summary>A pair of models could not be loaded. It is tried again later.</summary>
/// <param name="pair">The pair's name.</param>
/// <param name="problem">Why, in plain words.</param>
/// <param name="isSettings">Whether its settings or its files are wrong, so that trying again changes nothing by itself.</param>
/// <param name="retryAfter">When it is tried again.</param>
/// <param name="cause">What it failed with.</param>
internal sealed class PairUnavailableException(string pair, string problem, bool isSettings, TimeSpan retryAfter, Exception? cause = null)
    : Exception($"The model \"{pair}\" could not be loaded: {problem}", cause)
{
    /// <summary>Why, in plain words.</summary>
    public string Problem { get; } = problem;

    /// <summary>Whether its settings or its files are wrong.</summary>
    public bool IsSettings { get; } = isSettings;

    /// <summary>When it is tried again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
