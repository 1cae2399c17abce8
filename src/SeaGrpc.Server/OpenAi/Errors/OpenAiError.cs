namespace SeaGrpc.Server.OpenAi.Errors;

/// <summary>An error as the API tells it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">What is wrong and what to change.</param>
/// <param name="Type">The kind of error: <see cref="InvalidRequest"/> and so on.</param>
/// <param name="Param">The field of the request that is wrong, or null.</param>
/// <param name="Code">A name for programs, or null.</param>
internal sealed record OpenAiError(int Status, string Message, string Type, string? Param = null, string? Code = null)
{
    public const string InvalidRequest = "invalid_request_error";
    public const string RateLimit = "rate_limit_error";
    public const string ServerError = "server_error";
    public const string Timeout = "timeout_error";

    /// <summary>When to try again, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether trying again is known to be of no use: a header tells the SDKs, which would.</summary>
    public bool IsFinal { get; init; }

    /// <summary>A field that is wrong.</summary>
    public static OpenAiError Field(string param, string problem, string code) =>
        new(StatusCodes.Status400BadRequest, $"{param} {problem}", InvalidRequest, param, code);
}
