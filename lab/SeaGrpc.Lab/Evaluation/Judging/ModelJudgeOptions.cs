namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>Where a judge model is served.</summary>
/// <param name="Endpoint">Base address of an OpenAI-compatible API: http://127.0.0.1:8000/v1.</param>
/// <param name="Model">The model's name there.</param>
public sealed record ModelJudgeOptions(Uri Endpoint, string Model)
{
    /// <summary>The API's key; null if it wants none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Longest wait for one answer; default 60 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often a request is retried after a transient failure, after 0.8 s, 1.6 s and so on, or as the server asks; default 4.
    /// </summary>
    public int Retries { get; init; } = 4;
}
